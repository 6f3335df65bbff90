namespace Imagic.Lab.DataSet;

/// <summary>Finds the emoji that a set's slug means. The kinds of names are asked in turn, and a name that more than one
/// emoji of a kind bears decides nothing.</summary>
public sealed class IconNames
{
    /// <summary>emojione writes flag-for-france, noto-v1 flag-for-flag-spain for CLDR's "flag: Spain".</summary>
    private static readonly string[] FlagPrefixes = ["flag-for-flag-", "flag-for-"];

    /// <summary>In the place of a name: it is known that the drawing shows no emoji.</summary>
    private const string NoEmoji = "-";

    private readonly EmojiCatalogue _catalogue;
    private readonly HashSet<string> _noEmoji;
    private readonly Dictionary<string, HashSet<string>>[] _kinds;

    /// <param name="informed">Sets that know their code points: their names are asked after CLDR's.</param>
    /// <param name="reviewed">Asked before all: slug, and CLDR name or "-" for none.</param>
    public IconNames(EmojiCatalogue catalogue, IEnumerable<IconSet> informed, IEnumerable<(string Slug, string Name)> reviewed)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        _catalogue = catalogue;
        var byName = catalogue.All.ToLookup(emoji => emoji.Name, emoji => emoji.CodePoints);
        IconSet[] sets = [.. informed];
        (string Slug, string Name)[] table = [.. reviewed];
        _noEmoji = [.. table.Where(pair => pair.Name == NoEmoji).Select(pair => Squash(pair.Slug))];
        _kinds =
        [
            Index(table.SelectMany(pair => byName[pair.Name].Select(key => (pair.Slug, key)))),
            Index(catalogue.All.Select(emoji => (emoji.Name, emoji.CodePoints))),
            Index(sets.SelectMany(set => set.Characters.Select(character => (character.Name, character.CodePoints)))),
            Index(sets.SelectMany(AliasesOf)),
            Index(catalogue.UnicodeNames),
            Index(catalogue.Shortcodes),
        ];
    }

    /// <param name="slugs">A drawing's name, then its other names.</param>
    /// <returns>Null where no name is known.</returns>
    public Emoji? Find(IEnumerable<string> slugs) =>
        slugs.Select(Find).FirstOrDefault(emoji => emoji is not null);

    private Emoji? Find(string slug)
    {
        var prefix = Array.Find(FlagPrefixes, prefix => slug.StartsWith(prefix, StringComparison.Ordinal));
        var country = prefix is null || slug.EndsWith("-flag", StringComparison.Ordinal) ? null : slug[prefix.Length..];
        var name = Squash(country is null ? slug[(prefix?.Length ?? 0)..] : $"flag {country}"); // flag-for-rainbow-flag is no country's
        if (_noEmoji.Contains(name))
            return null;
        foreach (var kind in _kinds)
        {
            if (kind.TryGetValue(name, out var found) && found.Count == 1)
                return _catalogue.Find(found.Single());
        }
        return null;
    }

    private Dictionary<string, HashSet<string>> Index(IEnumerable<(string Name, string CodePoints)> names)
    {
        var index = new Dictionary<string, HashSet<string>>();
        foreach (var (name, codePoints) in names.Where(entry => _catalogue.Find(entry.CodePoints) is not null))
        {
            var key = Squash(name);
            if (!index.TryGetValue(key, out var known))
                index.Add(key, known = []);
            known.Add(codePoints);
        }
        return index;
    }

    private static IEnumerable<(string, string)> AliasesOf(IconSet set)
    {
        var characters = set.Characters.ToLookup(character => character.Name, character => character.CodePoints);
        return from alias in set.Aliases from key in characters[alias.Name] select (alias.Alias, key);
    }

    /// <summary>Lower-case letters and digits without accents: slugs, names and file names differ in all else. The marks
    /// '#' and '*' keep the two keycaps apart that have no digit.</summary>
    private static string Squash(string name) => string.Concat(name.ToLowerInvariant().Select(WithoutAccent)
        .Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '#' or '*'));

    /// <summary>By hand: without globalization data, string.Normalize leaves accents where they are.</summary>
    private static char WithoutAccent(char letter) => "åãáçéêíñóôõöüú".IndexOf(letter, StringComparison.Ordinal) switch
    {
        -1 => letter,
        var index => "aaaceeinoooouu"[index],
    };
}
