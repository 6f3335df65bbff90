using System.Numerics;

namespace Imagic.Imaging.Colours;

/// <summary>A colour profile of three curves and a matrix (ICC.1, 8.3.3), which is what cameras, phones and monitors have:
/// Display P3, Adobe RGB.</summary>
internal sealed class MatrixProfile
{
    private const int Steps = 16_384;

    /// <summary>XYZ with the profile's white, D50, to linear sRGB: the primaries of IEC 61966-2-1, adapted after Bradford
    /// and inverted.</summary>
    private static readonly Vector3 ToRed = new(3.1338561f, -1.6168667f, -0.4906146f),
        ToGreen = new(-0.9787684f, 1.9161415f, 0.0334540f),
        ToBlue = new(0.0719453f, -0.2289914f, 1.4052427f);

    /// <summary>Linear light in steps to sRGB's 8 bits.</summary>
    private static readonly byte[] Encode = [.. Enumerable.Range(0, Steps + 1).Select(step => EncodeSrgb((double)step / Steps))];

    /// <summary>Each channel's full light in linear sRGB, and its curve.</summary>
    private readonly (Vector3 Light, float[] Curve) _red, _green, _blue;

    private MatrixProfile((Vector3, float[]) red, (Vector3, float[]) green, (Vector3, float[]) blue) => (_red, _green, _blue) = (red, green, blue);

    /// <summary>Of an ICC profile; null for other kinds of one.</summary>
    public static MatrixProfile? Of(IccTags tags)
    {
        if (tags.IsGrey && tags.Curve("kTRC"u8) is { } grey) return OfCurve(grey);
        if (!tags.IsRgbToXyz
            || tags.Xyz("rXYZ"u8) is not { } red || tags.Curve("rTRC"u8) is not { } redCurve
            || tags.Xyz("gXYZ"u8) is not { } green || tags.Curve("gTRC"u8) is not { } greenCurve
            || tags.Xyz("bXYZ"u8) is not { } blue || tags.Curve("bTRC"u8) is not { } blueCurve)
        {
            return null;
        }

        return new((Linear(red), redCurve), (Linear(green), greenCurve), (Linear(blue), blueCurve));
    }

    /// <summary>sRGB's own primaries with another curve.</summary>
    public static MatrixProfile OfCurve(float[] curve) => new((Vector3.UnitX, curve), (Vector3.UnitY, curve), (Vector3.UnitZ, curve));

    /// <param name="red">XYZ of the primary at full light, adapted to D50.</param>
    /// <param name="green">As <paramref name="red"/>.</param>
    /// <param name="blue">As <paramref name="red"/>.</param>
    /// <param name="curve">8-bit samples to linear light from 0 to 1.</param>
    public static MatrixProfile OfPrimaries(Vector3 red, Vector3 green, Vector3 blue, float[] curve) =>
        new((Linear(red), curve), (Linear(green), curve), (Linear(blue), curve));

    /// <param name="rgba">(N, 4) in the profile's colours, replaced by sRGB's; alpha stays.</param>
    public void ToSrgb(Span<byte> rgba)
    {
        for (var i = 0; i < rgba.Length; i += 4)
        {
            var linear = _red.Light * _red.Curve[rgba[i]] + _green.Light * _green.Curve[rgba[i + 1]] + _blue.Light * _blue.Curve[rgba[i + 2]];
            var steps = Vector3.Clamp(linear, Vector3.Zero, Vector3.One) * Steps + new Vector3(0.5f);
            (rgba[i], rgba[i + 1], rgba[i + 2]) = (Encode[(int)steps.X], Encode[(int)steps.Y], Encode[(int)steps.Z]);
        }
    }

    /// <summary>Greys and the three channels alone stay where they are, but for rounding in the profile.</summary>
    public bool IsSrgb()
    {
        var samples = new byte[4 * 256 * 4];
        for (var i = 0; i < 256; i++)
        {
            for (var channel = 0; channel < 3; channel++)
                samples[i * 4 + channel] = samples[((channel + 1) * 256 + i) * 4 + channel] = (byte)i;
        }
        var converted = (byte[])samples.Clone();
        ToSrgb(converted);
        return !samples.Zip(converted).Any(pair => Math.Abs(pair.First - pair.Second) > 2);
    }

    private static Vector3 Linear(Vector3 xyz) => new(Vector3.Dot(ToRed, xyz), Vector3.Dot(ToGreen, xyz), Vector3.Dot(ToBlue, xyz));

    private static byte EncodeSrgb(double linear) =>
        (byte)Math.Round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055));
}
