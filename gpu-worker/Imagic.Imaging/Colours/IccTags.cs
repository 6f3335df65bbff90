using System.Buffers.Binary;
using System.Numerics;

namespace Imagic.Imaging.Colours;

/// <summary>What stands in a colour profile's tags (ICC.1, 7.2, 7.3 and 10). Untrusted: a tag that is not as it should be
/// counts as absent.</summary>
internal readonly ref struct IccTags(ReadOnlySpan<byte> profile)
{
    private const int HeaderLength = 128;

    private readonly ReadOnlySpan<byte> _profile = profile;

    /// <summary>RGB samples, described by way of XYZ.</summary>
    public bool IsRgbToXyz => _profile.Length > HeaderLength
        && _profile[16..20].SequenceEqual("RGB "u8) && _profile[20..24].SequenceEqual("XYZ "u8);

    /// <summary>One channel of grey.</summary>
    public bool IsGrey => _profile.Length > HeaderLength && _profile[16..20].SequenceEqual("GRAY"u8);

    /// <summary>Whether it is a profile at all; the signature stands at byte 36 (ICC.1, 7.2.11).</summary>
    public bool IsProfile => _profile.Length > HeaderLength && _profile[36..40].SequenceEqual("acsp"u8);

    public Vector3? Xyz(ReadOnlySpan<byte> signature) => Content(signature, "XYZ "u8) is { Length: >= 12 } xyz
        ? new Vector3((float)Fixed(xyz), (float)Fixed(xyz[4..]), (float)Fixed(xyz[8..])) : null;

    /// <summary>8-bit samples to linear light from 0 to 1.</summary>
    public float[]? Curve(ReadOnlySpan<byte> signature)
    {
        if (Content(signature, "curv"u8) is { Length: >= 4 } table)
            return Tabulated(table);
        return Content(signature, "para"u8) is { Length: >= 4 } parameters ? Parametric(parameters) : null;
    }

    /// <summary>Behind the tag's type and four reserved bytes; empty where there is no such tag of this type.</summary>
    private ReadOnlySpan<byte> Content(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> type)
    {
        for (var at = HeaderLength + 4; at + 12 <= _profile.Length; at += 12)
        {
            if (!_profile.Slice(at, 4).SequenceEqual(signature))
                continue;
            var (offset, length) = (U32(_profile[(at + 4)..]), U32(_profile[(at + 8)..]));
            if (length < 8 || offset + (long)length > _profile.Length)
                return [];
            var tag = _profile.Slice((int)offset, (int)length);
            return tag.StartsWith(type) ? tag[8..] : [];
        }
        return [];
    }

    /// <summary>No number: the identity. One: an exponent. More: the curve at equal distances.</summary>
    private static float[]? Tabulated(ReadOnlySpan<byte> table)
    {
        var count = U32(table);
        if (count * 2L > table.Length - 4)
            return null;
        var points = new double[count];
        for (var i = 0; i < points.Length; i++)
            points[i] = BinaryPrimitives.ReadUInt16BigEndian(table[(4 + i * 2)..]);
        return points switch
        {
            [] => Samples(x => x),
            [var exponent] => Samples(x => Math.Pow(x, exponent / 256)),
            _ => Samples(x =>
            {
                var at = x * (points.Length - 1);
                var below = Math.Min((int)at, points.Length - 2);
                return (points[below] + (points[below + 1] - points[below]) * (at - below)) / 65535;
            }),
        };
    }

    /// <summary>Table 68: (ax + b)^g + e from d on (kinds 1 and 2: from where ax + b is positive), cx + f below.</summary>
    private static float[]? Parametric(ReadOnlySpan<byte> tag)
    {
        var kind = BinaryPrimitives.ReadUInt16BigEndian(tag);
        ReadOnlySpan<int> counts = [1, 3, 4, 5, 7];
        if (kind >= counts.Length || tag.Length < 4 + counts[kind] * 4)
            return null;
        var p = new double[7];
        for (var i = 0; i < counts[kind]; i++)
            p[i] = Fixed(tag[(4 + i * 4)..]);
        var (g, a, b, c) = (p[0], p[1], p[2], p[3]);
        return kind switch
        {
            0 => Samples(x => Math.Pow(x, g)),
            1 => Samples(x => a * x + b >= 0 ? Math.Pow(a * x + b, g) : 0),
            2 => Samples(x => a * x + b >= 0 ? Math.Pow(a * x + b, g) + c : c),
            _ => Samples(x => x >= p[4] ? Math.Pow(a * x + b, g) + p[5] : c * x + p[6]),
        };
    }

    private static float[] Samples(Func<double, double> curve) =>
        [.. Enumerable.Range(0, 256).Select(sample => curve(sample / 255.0)).Select(y => y is >= 0 and <= 1 ? (float)y : y > 1 ? 1 : 0)];

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    /// <summary>s15Fixed16.</summary>
    private static double Fixed(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes) / 65536.0;
}
