using System.Globalization;
using System.Text;

namespace Imagic.Cli.Pictures;

/// <summary>Kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol).</summary>
internal static class KittyGraphics
{
    // Most base64 characters of one sequence.
    private const int Chunk = 4096;

    /// <summary>Shows a PNG (f=100) at the cursor (a=T), scaled to so many columns, without an answer (q=2), which would look typed.</summary>
    public static string Encode(byte[] png, int columns)
    {
        var base64 = Convert.ToBase64String(png);
        var sequences = new StringBuilder(base64.Length + 64);
        for (var start = 0; start < base64.Length; start += Chunk)
        {
            var piece = base64.AsSpan(start, Math.Min(Chunk, base64.Length - start));
            sequences.Append("\e_G");
            if (start == 0) sequences.Append(CultureInfo.InvariantCulture, $"a=T,f=100,q=2,c={columns},");
            sequences.Append(start + Chunk < base64.Length ? "m=1;" : "m=0;").Append(piece).Append("\e\\");
        }

        return sequences.ToString();
    }
}
