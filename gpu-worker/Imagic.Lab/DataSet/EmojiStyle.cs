namespace Imagic.Lab.DataSet;

/// <summary>One set of drawings: what captions call it, and the npm package it comes from.</summary>
/// <param name="Name">One word.</param>
/// <param name="Package">Name of the npm package.</param>
/// <param name="Format">How the package holds its drawings.</param>
/// <param name="Credit">The work and who made it; the licence is read from the package.</param>
public sealed record EmojiStyle(string Name, string Package, ArtworkFormat Format, string Credit)
{
    /// <summary>In the order in which they are written.</summary>
    public static IReadOnlyList<EmojiStyle> All { get; } =
    [
        new("3d", "@lobehub/fluent-emoji-3d", ArtworkFormat.WebPFolder, "Fluent Emoji (3D) by Microsoft"),
        new("flat", "@iconify-json/fluent-emoji-flat", ArtworkFormat.IconSet, "Fluent Emoji (flat) by Microsoft"),
        new("noto", "@iconify-json/noto", ArtworkFormat.IconSet, "Noto Emoji by Google"),
        new("blob", "@iconify-json/noto-v1", ArtworkFormat.IconSet, "Noto Emoji, first version, by Google"),
        new("twemoji", "@iconify-json/twemoji", ArtworkFormat.IconSet, "Twemoji by Twitter and contributors"),
        new("emojione", "@iconify-json/emojione", ArtworkFormat.IconSet, "EmojiOne 2 by EmojiOne"),
        new("firefox", "@iconify-json/fxemoji", ArtworkFormat.IconSet, "FxEmojis by Mozilla"),
    ];
}

public enum ArtworkFormat
{
    /// <summary>Iconify's icons.json: SVG bodies under names.</summary>
    IconSet,

    /// <summary>assets/CODEPOINTS.webp.</summary>
    WebPFolder,
}
