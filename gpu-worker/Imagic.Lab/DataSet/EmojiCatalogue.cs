using System.Globalization;
using System.Text.Json;

namespace Imagic.Lab.DataSet;

/// <summary>All emoji with CLDR's names and keywords, read from emojibase-data, and what else they have been called.</summary>
public sealed class EmojiCatalogue
{
    public const string Package = "emojibase-data";

    /// <summary>Skin tones and hair by themselves are swatches, not emoji.</summary>
    private const string Swatches = "component";

    private readonly Dictionary<string, Emoji> _byCodePoints = [];

    private EmojiCatalogue()
    {
    }

    public IEnumerable<Emoji> All => _byCodePoints.Values;

    /// <summary>Unicode's character names, by normalized code points.</summary>
    public IReadOnlyList<(string Name, string CodePoints)> UnicodeNames { get; private init; } = [];

    /// <summary>What chat programs call them.</summary>
    public IReadOnlyList<(string Name, string CodePoints)> Shortcodes { get; private init; } = [];

    /// <summary>Null for what is no emoji.</summary>
    public Emoji? Find(string codePoints) => _byCodePoints.GetValueOrDefault(codePoints);

    public static EmojiCatalogue Read(NpmPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        using var data = package.ReadJson("en/data.json");
        using var meta = package.ReadJson("meta/groups.json");
        using var unicodeNames = package.ReadJson("meta/unicode-names.json");
        var groups = meta.RootElement.GetProperty("groups");
        var catalogue = new EmojiCatalogue
        {
            UnicodeNames = [.. Names(unicodeNames)],
            Shortcodes = [.. Directory.EnumerateFiles(Path.Combine(package.Folder, "en", "shortcodes"), "*.json")
                .Order(StringComparer.Ordinal).SelectMany(ReadShortcodes)],
        };
        foreach (var entry in data.RootElement.EnumerateArray())
        {
            // Without a group: the regional indicators, halves of flags.
            if (!entry.TryGetProperty("group", out var number))
                continue;
            var group = groups.GetProperty(number.GetRawText()).GetString()!;
            if (group == Swatches)
                continue;
            var name = Text(entry, "label");
            string[] keywords = entry.TryGetProperty("tags", out var tags) ? [.. tags.EnumerateArray().Select(tag => tag.GetString()!)] : [];
            catalogue.Add(entry, name, keywords, group);
            if (entry.TryGetProperty("skins", out var skins))
            {
                foreach (var skin in skins.EnumerateArray())
                    catalogue.Add(skin, name, keywords, group);
            }
        }
        return catalogue;
    }

    private void Add(JsonElement entry, string baseName, string[] keywords, string group)
    {
        var key = CodePoints.Normalize(Text(entry, "hexcode"))!;
        _byCodePoints.Add(key, new Emoji(key, Text(entry, "label"), baseName, keywords, group));
    }

    private static string Text(JsonElement entry, string property) =>
        entry.GetProperty(property).GetString()!.Replace('’', '\'').Replace("“", "", StringComparison.Ordinal).Replace("”", "", StringComparison.Ordinal);

    private static IEnumerable<(string, string)> ReadShortcodes(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. Names(document)];
    }

    /// <summary>Of an object whose keys are code points and whose values are names, or lists of them.</summary>
    private static IEnumerable<(string, string)> Names(JsonDocument document) =>
        from entry in document.RootElement.EnumerateObject()
        let key = CodePoints.Normalize(entry.Name)
        where key is not null
        from name in entry.Value.ValueKind == JsonValueKind.Array ? [.. entry.Value.EnumerateArray()] : (JsonElement[])[entry.Value]
        select (name.GetString()!, key);
}

/// <summary>One emoji as Unicode's CLDR knows it.</summary>
/// <param name="CodePoints">See <see cref="DataSet.CodePoints"/>.</param>
/// <param name="Name">CLDR's short name, such as "waving hand: light skin tone".</param>
/// <param name="BaseName">The name without skin tones: what a held-out pair names.</param>
/// <param name="Keywords">CLDR's keywords; those of the emoji without skin tone.</param>
/// <param name="Group">Such as "animals-nature".</param>
public sealed record Emoji(string CodePoints, string Name, string BaseName, IReadOnlyList<string> Keywords, string Group);

/// <summary>A sequence of Unicode code points as one key, so that the sets' spellings meet: upper-case hexadecimal of at
/// least four digits, joined by '-', without the variation selector that some files name and others leave out.</summary>
public static class CodePoints
{
    private const int EmojiPresentation = 0xFE0F;

    /// <summary>Null where the text is no sequence of code points.</summary>
    public static string? Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var points = new List<string>();
        foreach (var part in text.Split('-'))
        {
            if (!int.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point))
                return null;
            if (point != EmojiPresentation)
                points.Add(point.ToString("X4", CultureInfo.InvariantCulture));
        }
        return string.Join('-', points);
    }
}
