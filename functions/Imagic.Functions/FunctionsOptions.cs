using System.Globalization;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Imagic.Contracts.Policy;
using Microsoft.Extensions.Configuration;

namespace Imagic.Functions;

/// <summary>Settings of the function app, apart from the storage account.</summary>
public sealed record FunctionsOptions
{
    private const int MostDays = 3650;

    /// <summary>Model packages that the workers have; the first is taken when a request names none.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["emoji-64"];

    /// <summary>What one edit may compute, see <see cref="EditCost"/>; 0 is no limit.</summary>
    public double Budget { get; init; } = EditCost.DefaultBudget;

    /// <summary>Most edits that have not ended; 0 is no limit.</summary>
    public int MaxUnderWay { get; init; } = 1000;

    /// <summary>Most of them that one caller has asked for; 0 is no limit.</summary>
    public int MaxUnderWayPerCaller { get; init; } = 100;

    /// <summary>Most calls that may wait for edits on one instance at a time; 0 is no limit.</summary>
    public int MaxWaits { get; init; } = 200;

    /// <summary>How long a call in OpenAI's shape may wait for its edit. The front end ends every call after 230 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(220);

    /// <summary>Days for which a tuning is kept that no edit refers to; 0 keeps it until the next sweep.</summary>
    public int TuningDays { get; init; } = 7;

    /// <summary>Whether the platform signs clients in. Only then it is the platform that names them.</summary>
    public bool SignsIn { get; init; }

    /// <summary>Which target texts are refused.</summary>
    public UsePolicy Policy { get; init; } = UsePolicy.None;

    /// <summary>Where the platform has put the API, without a slash at the end; empty where there is no platform.</summary>
    public string Address { get; init; } = "";

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
            MaxWaits = (int)Limit("ImagicMaxWaits", defaults.MaxWaits),
            Patience = Limit("ImagicPatience", defaults.Patience.TotalSeconds) is var seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, defaults.Patience.TotalSeconds)) : defaults.Patience,
            TuningDays = (int)Whole("ImagicTuningDays", defaults.TuningDays, MostDays, $"a whole number of days up to {MostDays}; 0 is until the next sweep"),
            Policy = UsePolicy.Read(configuration[UsePolicy.Setting]),
            // The Core Tools set it to a port of this machine.
            Address = configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } host && !host.Contains(':') ? $"https://{host}" : "",
            SignsIn = bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out var enabled) && enabled,
        };

        double Limit(string name, double otherwise) => Whole(name, otherwise, int.MaxValue, "a whole number; 0 is no limit");

        double Whole(string name, double otherwise, int most, string what) => configuration[name] switch
        {
            null or "" => otherwise,
            var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most => number,
            var text => throw new BadInputException($"The setting {name} is '{text}'. Give {what}."),
        };
    }
}
