namespace Imagic.Imaging.Headers;

/// <summary>GIF's logical screen and the blocks before its first picture (GIF89a, sections 18 to 23).</summary>
static class GifHeader
{
    const byte Extension = 0x21, GraphicControl = 0xF9, TransparencyFlag = 0x01;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[6..], ImageFormat.Gif);
        var (width, height, flags) = (reader.U16Little(), reader.U16Little(), reader.U8());
        reader.Skip(2); // background index, aspect
        if ((flags & 0x80) != 0)
            reader.Skip(3 << (flags & 7) + 1); // global palette

        var alpha = false;
        while (reader.U8() == Extension)
        {
            var label = reader.U8();
            for (int length; (length = reader.U8()) != 0;)
            {
                var block = reader.Take(length);
                if (label == GraphicControl)
                    alpha |= (block[0] & TransparencyFlag) != 0;
            }
        }
        return new ImageHeader(ImageFormat.Gif, width, height, 1, alpha ? 4 : 3, alpha);
    }
}
