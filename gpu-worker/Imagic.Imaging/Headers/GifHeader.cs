namespace Imagic.Imaging.Headers;

/// <summary>GIF's logical screen and the blocks before its first picture (GIF89a, sections 18 to 23).</summary>
static class GifHeader
{
    const byte Extension = 0x21, GraphicControl = 0xF9, TransparencyFlag = 0x01;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes, ImageFormat.Gif);
        var (width, height) = SkipScreen(ref reader);
        var alpha = false;
        while (reader.U8() == Extension)
        {
            var isControl = reader.U8() == GraphicControl;
            var content = reader.Rest;
            SkipSubBlocks(ref reader);
            alpha |= isControl && content is [> 0, var flags, ..] && (flags & TransparencyFlag) != 0;
        }
        return new ImageHeader(ImageFormat.Gif, width, height, 1, alpha ? 4 : 3, alpha);
    }

    /// <summary>Signature, logical screen and global palette.</summary>
    public static (int Width, int Height) SkipScreen(ref HeaderReader reader)
    {
        reader.Skip(6);
        var (width, height, flags) = (reader.U16Little(), reader.U16Little(), reader.U8());
        reader.Skip(2); // background index, aspect
        SkipPalette(ref reader, flags);
        return (width, height);
    }

    public static void SkipPalette(ref HeaderReader reader, byte flags)
    {
        if ((flags & 0x80) != 0)
            reader.Skip(3 << (flags & 7) + 1);
    }

    /// <summary>Blocks of up to 255 bytes, each behind its length, ended by length 0.</summary>
    public static void SkipSubBlocks(ref HeaderReader reader)
    {
        while (reader.U8() is var length && length != 0)
            reader.Skip(length);
    }
}
