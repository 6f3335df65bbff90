namespace Imagic.Imaging;

/// <summary>Turns pixels upright by EXIF's orientation (EXIF 2.32, 4.6.4 A): 1 as is, 2 mirrored, 3 upside down,
/// 4 flipped, 5 transposed, 6 to be turned right, 7 transverse, 8 to be turned left.</summary>
internal static class Orientation
{
    public static RgbImage Apply(RgbImage stored, int orientation)
    {
        if (orientation == 1)
            return stored;
        var turned = orientation >= 5;
        var (width, height) = turned ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
        var mirrored = orientation is 2 or 3 or 7 or 8; // after the transposition, if any: which stored axes run backwards
        var flipped = orientation is 3 or 4 or 6 or 7;

        var upright = new byte[stored.Pixels.Length];
        for (var y = 0; y < stored.Height; y++)
        {
            var row = stored.Row(y);
            var line = flipped ? stored.Height - 1 - y : y;
            for (var x = 0; x < stored.Width; x++)
            {
                var column = mirrored ? stored.Width - 1 - x : x;
                var to = turned ? column * width + line : line * width + column;
                row.Slice(x * 3, 3).CopyTo(upright.AsSpan(to * 3));
            }
        }
        return new RgbImage(width, height, upright);
    }
}
