using Microsoft.Extensions.Configuration;

namespace Imagic.Functions;

/// <summary>Settings of the function app, apart from the storage account.</summary>
public sealed record FunctionsOptions
{
    /// <summary>Model packages that the workers have; the first is taken when a request names none.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["emoji-64"];

    /// <summary>Reads the settings.</summary>
    public static FunctionsOptions Read(IConfiguration configuration) =>
        configuration["ImagicModels"]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } models
            ? new() { Models = models }
            : new();
}
