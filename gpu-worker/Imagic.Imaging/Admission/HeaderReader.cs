using System.Buffers.Binary;

namespace Imagic.Imaging.Admission;

/// <summary>Walks over untrusted header bytes. Reading beyond their end is an <see cref="ImageException"/>, never a crash.</summary>
internal ref struct HeaderReader(ReadOnlySpan<byte> bytes, ImageFormat format)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
            throw ImageException.CutOff(format);
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    public void Skip(long count) => Take(count);

    /// <summary>Skips up to and including the next byte of this value.</summary>
    public void SkipBehind(byte value)
    {
        var at = _rest.IndexOf(value);
        Skip(at >= 0 ? at + 1 : throw ImageException.CutOff(format));
    }

    public byte U8() => Take(1)[0];

    public ushort U16Big() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint U32Big() => U32Big(Take(4));

    public static uint U32Big(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    public ushort U16Little() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int U24Little() => U16Little() | U8() << 16;

    public uint U32Little() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int S32Little() => (int)U32Little();
}
