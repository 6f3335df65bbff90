using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Imagic.Contracts.Models;

/// <summary>A model on a hub.</summary>
/// <param name="Name">With its owner, such as <c>stable-diffusion-v1-5/stable-diffusion-v1-5</c>.</param>
/// <param name="Revision">Branch, tag or commit; null is the hub's main branch.</param>
public sealed partial record HubReference(string Name, string? Revision)
{
    /// <summary>What edits ask for: the name without its owner.</summary>
    public string ModelName => Name[(Name.IndexOf('/') + 1)..];

    /// <summary>Reads <c>OWNER/NAME</c> or <c>OWNER/NAME@REVISION</c>.</summary>
    /// <exception cref="BadInputException">It is neither.</exception>
    public static HubReference Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
            throw new BadInputException($"'{text}' names no model of a hub. Give OWNER/NAME or OWNER/NAME@REVISION, such as stable-diffusion-v1-5/stable-diffusion-v1-5.");
        return new(match.Groups["name"].Value, match.Groups["revision"] is { Success: true } revision ? revision.Value : null);
    }

    public override string ToString() => Revision is null ? Name : $"{Name}@{Revision}";

    [GeneratedRegex(
        @"\A(?<name>[A-Za-z0-9_][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,95})?)(@(?<revision>[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}))?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}

/// <summary>A model that may be asked for, as the setting <see cref="Setting"/> names it.</summary>
/// <param name="Name">What edits ask for.</param>
/// <param name="Hub">Where the first worker that needs it fetches it from; null when somebody uploads it.</param>
public sealed record ModelEntry(string Name, HubReference? Hub)
{
    /// <summary>Of function app and workers: names and <c>hub:OWNER/NAME@REVISION</c>, separated by commas.</summary>
    public const string Setting = "ImagicModels";

    private const string HubPrefix = "hub:";

    /// <summary>Reads the setting.</summary>
    /// <exception cref="BadInputException">An entry cannot be used, or two have one name.</exception>
    public static ImmutableArray<ModelEntry> ReadAll(string? setting)
    {
        ImmutableArray<ModelEntry> entries =
            [.. (setting ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Read)];
        return entries.GroupBy(entry => entry.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new BadInputException($"The setting {Setting} has two models of the name '{twice.Key}'. Push one of them under another name.")
            : entries;
    }

    private static ModelEntry Read(string text)
    {
        if (!text.StartsWith(HubPrefix, StringComparison.Ordinal)) return new(text, null);
        var hub = HubReference.Parse(text[HubPrefix.Length..]);
        if (hub.Revision is null)
            throw new BadInputException($"The setting {Setting} names '{text}' without a revision, so that workers could fetch different bytes. Add one: {text}@COMMIT.");
        return ModelManifest.IsName(hub.ModelName)
            ? new(hub.ModelName, hub)
            : throw new BadInputException($"'{hub.ModelName}' of the setting {Setting} cannot be the name of a model: a name has {ModelManifest.NameRule}. Pull and push it under another.");
    }
}
