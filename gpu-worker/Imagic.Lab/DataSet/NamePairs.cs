namespace Imagic.Lab.DataSet;

/// <summary>The tables that are part of the program: two columns with a tab between; '#' starts a remark.</summary>
internal static class NamePairs
{
    /// <summary>(style, CLDR name without skin tone): never trained on.</summary>
    public static IReadOnlyList<(string First, string Second)> HeldOut { get; } = Read("held-out.tsv");

    /// <summary>(slug, CLDR name), where a set's names are its own or mislead; "-" where the drawing shows no emoji. Each was
    /// compared with its drawing.</summary>
    public static IReadOnlyList<(string First, string Second)> Reviewed { get; } = Read("reviewed-names.tsv");

    private static List<(string, string)> Read(string resource)
    {
        using var reader = new StreamReader(typeof(NamePairs).Assembly.GetManifestResourceStream(resource)!);
        var pairs = new List<(string, string)>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var first, var second])
                pairs.Add((first, second));
        }
        return pairs;
    }
}
