namespace Imagic.Functions;

/// <summary>Settings of the function app, apart from the storage account.</summary>
public sealed record FunctionsOptions
{
    /// <summary>Model packages that the workers have; the first is taken when a request names none.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["emoji-64"];

    /// <summary>Reads the settings.</summary>
    /// <param name="setting">Gives a setting by its name, e.g. an environment variable.</param>
    public static FunctionsOptions Read(Func<string, string?> setting) =>
        setting("ImagicModels")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } models
            ? new() { Models = models }
            : new();
}
