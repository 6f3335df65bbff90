using System.Globalization;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Microsoft.Extensions.Configuration;

namespace Imagic.Functions;

/// <summary>Settings of the function app, apart from the storage account.</summary>
public sealed record FunctionsOptions
{
    /// <summary>Model packages that the workers have; the first is taken when a request names none.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["emoji-64"];

    /// <summary>What one edit may compute, see <see cref="EditCost"/>; 0 is no limit.</summary>
    public double Budget { get; init; } = EditCost.DefaultBudget;

    /// <summary>Most edits that have not ended; 0 is no limit.</summary>
    public int MaxUnderWay { get; init; } = 1000;

    /// <summary>Most of them that one caller has asked for; 0 is no limit.</summary>
    public int MaxUnderWayPerCaller { get; init; } = 100;

    /// <summary>Whether the platform signs clients in. Only then it is the platform that names them.</summary>
    public bool SignsIn { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="BadInputException">A limit is no number, or a model cannot be named so.</exception>
    public static FunctionsOptions Read(IConfiguration configuration)
    {
        var defaults = new FunctionsOptions();
        return new()
        {
            Models = ModelEntry.ReadAll(configuration[ModelEntry.Setting]) is { IsEmpty: false } models ? [.. models.Select(model => model.Name)] : defaults.Models,
            Budget = Limit("ImagicBudget", defaults.Budget),
            MaxUnderWay = (int)Limit("ImagicMaxUnderWay", defaults.MaxUnderWay),
            MaxUnderWayPerCaller = (int)Limit("ImagicMaxUnderWayPerCaller", defaults.MaxUnderWayPerCaller),
            SignsIn = bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out var enabled) && enabled,
        };

        double Limit(string name, double otherwise) => configuration[name] switch
        {
            null or "" => otherwise,
            var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit <= int.MaxValue => limit,
            var text => throw new BadInputException($"The setting {name} is '{text}'. Give a whole number; 0 is no limit."),
        };
    }
}
