using System.Buffers.Binary;
using System.Numerics;

namespace Imagic.Imaging.Colours;

/// <summary>What a picture's samples mean, and whether they can be converted to sRGB. ImageSharp converts by no profile.</summary>
/// <param name="Conversion">To sRGB; null where they are sRGB or taken for it.</param>
/// <param name="Notice">Why colours may be off, for the person who sent the picture; null where they are right.</param>
internal sealed record ColourProfile(MatrixProfile? Conversion, string? Notice = null)
{
    public static ColourProfile Srgb { get; } = new(Conversion: null);

    /// <summary>Of an ICC profile. Bytes that are none are ignored, as browsers do.</summary>
    public static ColourProfile OfIcc(ReadOnlySpan<byte> icc)
    {
        var tags = new IccTags(icc);
        if (MatrixProfile.Of(tags) is { } matrix) return Of(matrix);
        return tags.IsProfile ? Unknown("its colour profile is of a kind that is not applied (look-up tables, or CMYK)") : Srgb;
    }

    /// <summary>Of PNG's cICP: code points of ITU-T H.273 for primaries, transfer function, matrix, range.</summary>
    public static ColourProfile OfCodePoints(ReadOnlySpan<byte> cicp)
    {
        if (Chromaticities.OfCodePoint(cicp[0]) is not { } primaries || Transfer(cicp[1]) is not { } transfer)
            return Unknown($"its colours are given by the code points {cicp[0]}/{cicp[1]}, which are not applied");
        return Of(primaries.Profile(Samples(transfer)) ?? MatrixProfile.OfCurve(Samples(transfer)));
    }

    /// <summary>Of PNG's gAMA, an exponent times 100,000, and cHRM, which may be absent.</summary>
    public static ColourProfile OfGamma(ReadOnlySpan<byte> gamma, ReadOnlySpan<byte> chromaticities)
    {
        var exponent = BinaryPrimitives.ReadUInt32BigEndian(gamma) / 100_000.0;
        // 1/2.2 is how programs write sRGB there, and sRGB is what they mean.
        if (exponent is <= 0.01 or >= 100 || Math.Abs(exponent - 1 / 2.2) < 0.002 && chromaticities.IsEmpty) return Srgb;
        var curve = Samples(Math.Abs(exponent - 1 / 2.2) < 0.002 ? SrgbTransfer : x => Math.Pow(x, 1 / exponent));
        var primaries = chromaticities.IsEmpty ? null : Chromaticities.OfPng(chromaticities);
        return Of(primaries?.Profile(curve) ?? MatrixProfile.OfCurve(curve));
    }

    private static ColourProfile Of(MatrixProfile matrix) => matrix.IsSrgb() ? Srgb : new(matrix);

    private static ColourProfile Unknown(string why) => new(null, $"The picture's colours may be off: {why}. Save it as sRGB to have them right.");

    // H.273, table 3; those for high dynamic range are not among them.
    private static Func<double, double>? Transfer(byte code) => code switch
    {
        1 or 6 or 14 or 15 => x => x < 0.081 ? x / 4.5 : Math.Pow((x + 0.099) / 1.099, 1 / 0.45),
        4 => x => Math.Pow(x, 2.2),
        5 => x => Math.Pow(x, 2.8),
        8 => x => x,
        13 => SrgbTransfer,
        _ => null,
    };

    private static double SrgbTransfer(double x) => x <= 0.04045 ? x / 12.92 : Math.Pow((x + 0.055) / 1.055, 2.4);

    private static float[] Samples(Func<double, double> transfer) => [.. Enumerable.Range(0, 256).Select(sample => (float)transfer(sample / 255.0))];
}

/// <summary>CIE 1931 x and y of a white and three primaries.</summary>
internal sealed record Chromaticities(Vector2 White, Vector2 Red, Vector2 Green, Vector2 Blue)
{
    private static readonly Vector2 D65 = new(0.3127f, 0.3290f);

    /// <summary>Of D50, the white of profiles (ICC.1, 7.2.16).</summary>
    private static readonly Vector3 D50 = new(0.9642f, 1, 0.8249f);

    /// <summary>XYZ to cone responses (Bradford), by rows.</summary>
    private static readonly Matrix4x4 Cones = Rows(new(0.8951f, 0.2664f, -0.1614f), new(-0.7502f, 1.7135f, 0.0367f), new(0.0389f, -0.0685f, 1.0296f));

    /// <summary>ITU-T H.273, table 2; null for others than BT.709, BT.2020, DCI P3 and Display P3.</summary>
    public static Chromaticities? OfCodePoint(byte code) => code switch
    {
        1 => new(D65, new(0.64f, 0.33f), new(0.30f, 0.60f), new(0.15f, 0.06f)),
        9 => new(D65, new(0.708f, 0.292f), new(0.170f, 0.797f), new(0.131f, 0.046f)),
        11 => new(new(0.314f, 0.351f), new(0.680f, 0.320f), new(0.265f, 0.690f), new(0.150f, 0.060f)),
        12 => new(D65, new(0.680f, 0.320f), new(0.265f, 0.690f), new(0.150f, 0.060f)),
        _ => null,
    };

    /// <summary>Of PNG's cHRM, 8 numbers times 100,000; null where they span no colours.</summary>
    public static Chromaticities? OfPng(ReadOnlySpan<byte> chrm)
    {
        Span<float> numbers = stackalloc float[8];
        for (var i = 0; i < 8; i++) numbers[i] = BinaryPrimitives.ReadUInt32BigEndian(chrm[(i * 4)..]) / 100_000f;
        var read = new Chromaticities(new(numbers[0], numbers[1]), new(numbers[2], numbers[3]), new(numbers[4], numbers[5]), new(numbers[6], numbers[7]));
        Vector2[] points = [read.White, read.Red, read.Green, read.Blue];
        return points.All(point => point is { X: >= 0 and <= 1, Y: > 0.001f and <= 1 }) && Matrix4x4.Invert(read.Primaries(), out _) ? read : null;
    }

    /// <summary>With the same curve for each primary.</summary>
    public MatrixProfile? Profile(float[] curve)
    {
        if (!Matrix4x4.Invert(Primaries(), out var inverse) || !Matrix4x4.Invert(Cones, out var toXyz)) return null;
        // How much of each primary makes the white, then from that white to D50.
        var amounts = Vector3.Transform(Xyz(White), inverse);
        var gain = Vector3.Transform(D50, Cones) / Vector3.Transform(Xyz(White), Cones);
        return MatrixProfile.OfPrimaries(Adapt(Xyz(Red) * amounts.X), Adapt(Xyz(Green) * amounts.Y), Adapt(Xyz(Blue) * amounts.Z), curve);

        Vector3 Adapt(Vector3 xyz) => Vector3.Transform(Vector3.Transform(xyz, Cones) * gain, toXyz);
    }

    private static Vector3 Xyz(Vector2 point) => new(point.X / point.Y, 1, (1 - point.X - point.Y) / point.Y);

    // System.Numerics multiplies row vectors from the left: the columns of the usual notation are rows here.
    private Matrix4x4 Primaries()
    {
        var (red, green, blue) = (Xyz(Red), Xyz(Green), Xyz(Blue));
        return new(red.X, red.Y, red.Z, 0, green.X, green.Y, green.Z, 0, blue.X, blue.Y, blue.Z, 0, 0, 0, 0, 1);
    }

    private static Matrix4x4 Rows(Vector3 first, Vector3 second, Vector3 third) => new(
        first.X, second.X, third.X, 0, first.Y, second.Y, third.Y, 0, first.Z, second.Z, third.Z, 0, 0, 0, 0, 1);
}
