namespace Imagic.Lab.DataSet;

/// <summary>An emoji in a style.</summary>
/// <param name="Source">Slug or file name in the package, for errors.</param>
/// <param name="Render">Draws it, larger than the side given, in pixels.</param>
public sealed record Drawing(string Style, Emoji Emoji, string Source, Func<int, Artwork> Render);

/// <summary>All drawings of a style, by code points, and the names of those whose emoji is not known.</summary>
public sealed record DrawingSet(EmojiStyle Style, NpmPackage Package, IReadOnlyList<Drawing> Drawings, IReadOnlyList<string> Unmapped);
