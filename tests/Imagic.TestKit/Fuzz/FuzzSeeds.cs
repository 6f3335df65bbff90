using System.Reflection;

namespace Imagic.TestKit.Fuzz;

/// <summary>One small picture in every format and in the variants that take different paths through the decoders
/// (progressive, CMYK, interlaced, 16 bits, palette, animation, profile, rotation). All of them show the same 32 x 24
/// pixels: quarters of red, green, blue and white.</summary>
public static class FuzzSeeds
{
    private const string Folder = "Seeds.";

    /// <summary>By file name.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = Load(typeof(FuzzSeeds).Assembly);

    private static SortedDictionary<string, byte[]> Load(Assembly assembly)
    {
        SortedDictionary<string, byte[]> seeds = new(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            seeds[name[Folder.Length..]] = bytes;
        }
        return seeds;
    }
}
