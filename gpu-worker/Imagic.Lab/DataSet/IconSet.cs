using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Imagic.Lab.DataSet;

/// <summary>An Iconify set: SVG bodies under names, other names for them, and for some sets the code points of each.</summary>
public sealed class IconSet
{
    private readonly Dictionary<string, Icon> _icons = [];
    private readonly Dictionary<string, (string Parent, bool Flipped)> _aliases = [];

    private IconSet()
    {
    }

    /// <summary>Names with a drawing of their own.</summary>
    public IEnumerable<string> Names => _icons.Keys;

    /// <summary>(alias, name): other names for the same drawing, unchanged.</summary>
    public IEnumerable<(string Alias, string Name)> Aliases =>
        from alias in _aliases where !alias.Value.Flipped select (alias.Key, alias.Value.Parent);

    /// <summary>(normalized code points, name or alias); empty where the set does not know them.</summary>
    public IReadOnlyList<(string CodePoints, string Name)> Characters { get; private init; } = [];

    public static IconSet Read(NpmPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        using var document = package.ReadJson("icons.json");
        using var characters = File.Exists(Path.Combine(package.Folder, "chars.json")) ? package.ReadJson("chars.json") : null;
        var set = new IconSet
        {
            Characters = characters is null ? [] : [.. from entry in characters.RootElement.EnumerateObject()
                                                      let key = CodePoints.Normalize(entry.Name)
                                                      where key is not null
                                                      select (key, entry.Value.GetString()!)],
        };
        var root = document.RootElement;
        foreach (var icon in root.GetProperty("icons").EnumerateObject())
        {
            set._icons.Add(icon.Name, new Icon(
                icon.Value.GetProperty("body").GetString()!, Size(icon.Value, root, "left", 0), Size(icon.Value, root, "top", 0),
                Size(icon.Value, root, "width", 16), Size(icon.Value, root, "height", 16)));
        }
        if (root.TryGetProperty("aliases", out var aliases))
        {
            foreach (var alias in aliases.EnumerateObject())
            {
                // A mirrored drawing is another drawing. No set that is used turns one or cuts it otherwise.
                set._aliases.Add(alias.Name, (alias.Value.GetProperty("parent").GetString()!,
                    alias.Value.TryGetProperty("hFlip", out var flip) && flip.GetBoolean()));
            }
        }
        return set;
    }

    /// <summary>The drawing under this name as an SVG document, as wide and high as side, in pixels; smaller where its
    /// aspect is another, centred.</summary>
    /// <exception cref="DataSetException">The set has no such name.</exception>
    public byte[] Svg(string name, int side)
    {
        var flipped = false;
        var icon = name;
        while (_aliases.TryGetValue(icon, out var alias))
            (icon, flipped) = (alias.Parent, flipped ^ alias.Flipped);
        if (!_icons.TryGetValue(icon, out var drawing))
            throw new DataSetException($"The icon set has no drawing named '{name}'.");
        var (body, left, top, width, height) = drawing;
        if (flipped)
            body = string.Create(CultureInfo.InvariantCulture, $"""<g transform="translate({2 * left + width} 0) scale(-1 1)">{body}</g>""");
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{side}" height="{side}" viewBox="{left} {top} {width} {height}">{body}</svg>"""));
    }

    private static double Size(JsonElement icon, JsonElement set, string property, double otherwise) =>
        icon.TryGetProperty(property, out var own) ? own.GetDouble()
        : set.TryGetProperty(property, out var common) ? common.GetDouble() : otherwise;

    private sealed record Icon(string Body, double Left, double Top, double Width, double Height);
}
