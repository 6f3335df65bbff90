using System.Numerics;

namespace Imagic.Marks.Watermark;

/// <summary>
/// Error correction of a payload: it and its CRC-16 through a convolutional code of rate 1/3 with 64 states (generators
/// 133, 171 and 165, octal), read back with the most likely path.
/// </summary>
internal static class PayloadCode
{
    private const int CheckBits = 16;

    private const int Memory = 6;

    private const int States = 1 << Memory;

    private const int Steps = Payload.Bits + CheckBits + Memory;

    private static readonly uint[] Generators = [0b1011011, 0b1111001, 0b1110101];

    /// <summary>Length of a coded payload.</summary>
    public const int Length = Steps * 3;

    /// <summary>+1 or −1 for each coded bit.</summary>
    public static sbyte[] Encode(Payload payload)
    {
        var bits = payload.ToBits();
        var message = (ulong)bits << CheckBits | Check(bits);
        var coded = new sbyte[Length];
        var register = 0u;
        for (var step = 0; step < Steps; step++)
        {
            // The last bits are zero: the path ends where it began.
            var bit = step < Payload.Bits + CheckBits ? (uint)(message >> Payload.Bits + CheckBits - 1 - step) & 1 : 0;
            register = (register << 1 | bit) & (2 * States - 1);
            for (var i = 0; i < Generators.Length; i++) coded[step * 3 + i] = Output(register, i);
        }

        return coded;
    }

    /// <summary>The payload that fits best; null where its check fails.</summary>
    /// <param name="soft">For each coded bit, how much it looks like +1.</param>
    public static Payload? Decode(ReadOnlySpan<double> soft)
    {
        var scores = new double[States];
        Array.Fill(scores, double.NegativeInfinity);
        scores[0] = 0;
        var came = new bool[Steps * States]; // whether the oldest bit of the register was 1
        for (var step = 0; step < Steps; step++)
        {
            var next = new double[States];
            for (var state = 0; state < States; state++)
            {
                var (zero, one) = ((uint)state, (uint)state | States);
                var fromZero = scores[zero >> 1] + Gain(zero, soft.Slice(step * 3, 3));
                var fromOne = scores[one >> 1] + Gain(one, soft.Slice(step * 3, 3));
                came[step * States + state] = fromOne > fromZero;
                next[state] = Math.Max(fromZero, fromOne);
            }

            scores = next;
        }

        var message = 0ul;
        var at = 0u;
        for (var step = Steps - 1; step >= 0; step--)
        {
            if (step < Payload.Bits + CheckBits) message |= (ulong)(at & 1) << Payload.Bits + CheckBits - 1 - step;
            at = (at | (came[step * States + (int)at] ? States : 0u)) >> 1;
        }

        var bits = (uint)(message >> CheckBits);
        return Check(bits) == (ushort)message ? Payload.FromBits(bits) : null;
    }

    private static double Gain(uint register, ReadOnlySpan<double> soft) =>
        soft[0] * Output(register, 0) + soft[1] * Output(register, 1) + soft[2] * Output(register, 2);

    private static sbyte Output(uint register, int generator) =>
        (sbyte)(1 - 2 * (BitOperations.PopCount(register & Generators[generator]) & 1));

    // CRC-16/CCITT-FALSE.
    private static ushort Check(uint bits)
    {
        var crc = 0xFFFFu;
        for (var bit = 31; bit >= 0; bit--)
        {
            var carry = (crc >> 15 ^ bits >> bit) & 1;
            crc = crc << 1 & 0xFFFF ^ carry * 0x1021;
        }

        return (ushort)crc;
    }
}
