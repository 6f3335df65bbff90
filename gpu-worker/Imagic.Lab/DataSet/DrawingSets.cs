namespace Imagic.Lab.DataSet;

/// <summary>Opens the sets and finds out which emoji each of their drawings shows.</summary>
public static class DrawingSets
{
    /// <summary>SVG is drawn this many times as large as asked for, and reduced.</summary>
    private const int Oversampling = 4;

    /// <exception cref="NotSetUpException">A package is not there.</exception>
    public static IReadOnlyList<DrawingSet> Read(
        NpmPackages packages, EmojiCatalogue catalogue, IReadOnlyCollection<EmojiStyle> styles)
    {
        ArgumentNullException.ThrowIfNull(packages);
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(styles);
        // All icon sets, also those left out: what they know about names counts for the others.
        var iconSets = EmojiStyle.All.Where(style => style.Format == ArtworkFormat.IconSet)
            .ToDictionary(style => style, style => IconSet.Read(packages.Find(style.Package)));
        var names = new IconNames(catalogue, iconSets.Values.Where(set => set.Characters.Count > 0), NamePairs.Reviewed);
        return [.. styles.Select(style => style.Format == ArtworkFormat.IconSet
            ? FromIcons(style, packages.Find(style.Package), iconSets[style], catalogue, names)
            : FromFolder(style, packages.Find(style.Package), catalogue))];
    }

    private static DrawingSet FromIcons(EmojiStyle style, NpmPackage package, IconSet set, EmojiCatalogue catalogue, IconNames names)
    {
        var otherNames = set.Aliases.ToLookup(alias => alias.Name, alias => alias.Alias);
        var candidates = set.Characters.Count > 0
            ? set.Characters.Select(character => (character.Name, Emoji: catalogue.Find(character.CodePoints)))
            : set.Names.Select(name => (Name: name, Emoji: names.Find([name, .. otherNames[name]])));
        return Collect(style, package, candidates, name => side => Artwork.FromSvg(set.Svg(name, side * Oversampling)));
    }

    private static DrawingSet FromFolder(EmojiStyle style, NpmPackage package, EmojiCatalogue catalogue)
    {
        var assets = Path.Combine(package.Folder, "assets");
        var candidates =
            from file in Directory.EnumerateFiles(assets, "*.webp").Select(Path.GetFileName).Order(StringComparer.Ordinal)
            let codePoints = CodePoints.Normalize(Path.GetFileNameWithoutExtension(file))
            select (Name: file, Emoji: codePoints is null ? null : catalogue.Find(codePoints));
        return Collect(style, package, candidates, file => _ => Artwork.FromWebP(File.ReadAllBytes(Path.Combine(assets, file))));
    }

    /// <summary>The first name of an emoji wins; one that comes again is told among the unmapped.</summary>
    private static DrawingSet Collect(
        EmojiStyle style, NpmPackage package, IEnumerable<(string Name, Emoji? Emoji)> candidates, Func<string, Func<int, Artwork>> renderer)
    {
        var drawings = new SortedDictionary<string, Drawing>(StringComparer.Ordinal);
        var unmapped = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, emoji) in candidates)
        {
            if (emoji is null || !drawings.TryAdd(emoji.CodePoints, new Drawing(style.Name, emoji, name, renderer(name))))
                unmapped.Add(name);
        }
        return new DrawingSet(style, package, [.. drawings.Values], [.. unmapped]);
    }
}

/// <summary>An emoji in a style.</summary>
/// <param name="Source">Slug or file name in the package, for errors.</param>
/// <param name="Render">Draws it, larger than the side given, in pixels.</param>
public sealed record Drawing(string Style, Emoji Emoji, string Source, Func<int, Artwork> Render);

/// <summary>All drawings of a style, by code points, and the names of those whose emoji is not known.</summary>
public sealed record DrawingSet(EmojiStyle Style, NpmPackage Package, IReadOnlyList<Drawing> Drawings, IReadOnlyList<string> Unmapped);
