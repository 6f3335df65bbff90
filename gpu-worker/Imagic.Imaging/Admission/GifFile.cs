using System.Buffers;

namespace Imagic.Imaging.Admission;

/// <summary>A GIF's screen and blocks (GIF89a, sections 17 to 27).</summary>
internal static class GifFile
{
    private const byte Extension = 0x21, GraphicControl = 0xF9, ImageDescriptor = 0x2C, Trailer = 0x3B;

    private const byte TransparencyFlag = 0x01;

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
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

    /// <summary>Keeps screen, palettes and first frame; drops comments, application data and further frames.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        var reader = new HeaderReader(bytes, ImageFormat.Gif);
        var screen = SkipScreen(ref reader);
        kept.Write(bytes[..^reader.Left]);
        while (true)
        {
            var block = reader.Rest;
            switch (reader.U8())
            {
                case Extension:
                    var label = reader.U8();
                    SkipSubBlocks(ref reader);
                    if (label == GraphicControl)
                        kept.Write(block[..^reader.Left]);
                    break;
                case ImageDescriptor:
                    var (left, top, width, height) = (reader.U16Little(), reader.U16Little(), reader.U16Little(), reader.U16Little());
                    // Decoders make room for the frame, whatever the header says about the screen.
                    limits.CheckSize(Math.Max(screen.Width, left + width), Math.Max(screen.Height, top + height));
                    SkipPalette(ref reader, reader.U8());
                    reader.Skip(1); // LZW code size
                    SkipSubBlocks(ref reader);
                    kept.Write(block[..^reader.Left]);
                    kept.Write((ReadOnlySpan<byte>)[Trailer]);
                    return kept.WrittenSpan;
                default:
                    throw ImageException.Corrupt(ImageFormat.Gif, "holds no picture");
            }
        }
    }

    /// <summary>What the first frame leaves of the screen is transparent; ImageSharp makes it black.</summary>
    public static void WhitenAroundFrame(ReadOnlySpan<byte> trimmed, RgbImage screen)
    {
        var reader = new HeaderReader(trimmed, ImageFormat.Gif);
        SkipScreen(ref reader);
        while (reader.U8() == Extension)
        {
            reader.Skip(1); // label
            SkipSubBlocks(ref reader);
        }
        var (left, top, width, height) = (reader.U16Little(), reader.U16Little(), reader.U16Little(), reader.U16Little());
        for (var y = 0; y < screen.Height; y++)
        {
            var row = screen.Row(y);
            var (from, to) = y >= top && y < top + height ? (Math.Min(left, screen.Width), Math.Min(left + width, screen.Width)) : (0, 0);
            row[..(from * 3)].Fill(255);
            row[(to * 3)..].Fill(255);
        }
    }

    /// <summary>Signature, logical screen and global palette.</summary>
    private static (int Width, int Height) SkipScreen(ref HeaderReader reader)
    {
        reader.Skip(6);
        var (width, height, flags) = (reader.U16Little(), reader.U16Little(), reader.U8());
        reader.Skip(2); // background index, aspect
        SkipPalette(ref reader, flags);
        return (width, height);
    }

    private static void SkipPalette(ref HeaderReader reader, byte flags)
    {
        if ((flags & 0x80) != 0)
            reader.Skip(3 << (flags & 7) + 1);
    }

    /// <summary>Blocks of up to 255 bytes, each behind its length, ended by length 0.</summary>
    private static void SkipSubBlocks(ref HeaderReader reader)
    {
        while (reader.U8() is var length && length != 0)
            reader.Skip(length);
    }
}
