namespace Imagic.Lab.DataSet;

/// <summary>What a picture is called, in words that people would type. The first caption is the plain name; all others
/// name the style.</summary>
public static class Captions
{
    private const int KeywordCaptions = 2;

    /// <summary>Stands in captions for a background's name with its article.</summary>
    public const string Placeholder = "{background}";

    private static readonly string[] Appearances = [" skin tone", " hair", "beard", "bald"];

    public static IReadOnlyList<string> Of(Emoji emoji, string style)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        ArgumentNullException.ThrowIfNull(style);
        var name = Spell(emoji.Name);
        return
        [
            name,
            $"{name}, {style} style",
            $"{Article(style)} {style} style emoji of {WithArticle(emoji, name)}",
            $"{Article(style)} {style} emoji of {WithArticle(emoji, name)}",
            .. emoji.Keywords.Where(keyword => !name.Contains(keyword, StringComparison.Ordinal))
                .Take(KeywordCaptions).Select(keyword => $"{name}, {keyword}, {style} style"),
        ];
    }

    /// <summary>Captions of a picture on a background that is not white, which goes without saying.</summary>
    public static IReadOnlyList<string> OnBackground(Emoji emoji, string style)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        ArgumentNullException.ThrowIfNull(style);
        var name = Spell(emoji.Name);
        return
        [
            $"{name} on {Placeholder}, {style} style",
            $"{Article(style)} {style} style emoji of {WithArticle(emoji, name)} on {Placeholder}",
        ];
    }

    /// <summary>Puts a colour into one of <see cref="OnBackground"/>.</summary>
    public static string Name(string caption, Background background)
    {
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(background);
        return caption.Replace(Placeholder, $"{Article(background.Name)} {background.Name} background", StringComparison.Ordinal);
    }

    /// <summary>CLDR's "man: medium skin tone, red hair" as "man with medium skin tone and red hair"; "kiss: woman, man" as
    /// "kiss of woman and man"; "flag: France" as "flag of France".</summary>
    public static string Spell(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var colon = name.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return name;
        var head = name[..colon];
        if (head == "flag")
            return $"flag of {name[(colon + 2)..]}"; // a country's name may hold a comma
        string[] qualifiers = name[(colon + 2)..].Split(", ");
        string[] looks = [.. qualifiers.Where(IsAppearance)];
        string[] others = [.. qualifiers.Where(qualifier => !IsAppearance(qualifier))];
        if (others.Length > 0)
            head = others is [var one] ? $"{head} {one}" : $"{head} of {Join(others)}";
        string[] with = [.. looks.Where(look => look != "bald")];
        if (with.Length < looks.Length)
            head = $"bald {head}";
        return with.Length == 0 ? head : $"{head} with {Join(with)}";
    }

    private static bool IsAppearance(string qualifier) => Array.Exists(Appearances, ending => qualifier.EndsWith(ending, StringComparison.Ordinal));

    private static string Join(string[] parts) =>
        parts.Length == 1 ? parts[0] : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";

    /// <summary>Names of many things, of one that there is, and those that begin with a capital or a digit take none.</summary>
    private static string WithArticle(Emoji emoji, string name)
    {
        if (emoji.Group == "flags" && name.StartsWith("flag of ", StringComparison.Ordinal))
            return $"the {name}";
        var head = name.Split(" with ")[0];
        var plural = head.EndsWith('s') && !head.EndsWith("ss", StringComparison.Ordinal) && !head.EndsWith("us", StringComparison.Ordinal);
        return plural || !char.IsAsciiLetterLower(name[0]) ? name : $"{Article(name)} {name}";
    }

    private static string Article(string noun) => noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' && !noun.StartsWith("uni", StringComparison.Ordinal) ? "an" : "a";
}
