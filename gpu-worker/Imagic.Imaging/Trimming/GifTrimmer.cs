using System.Buffers;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.Trimming;

/// <summary>Keeps a GIF's screen, palettes and first frame (GIF89a, sections 17 to 27); drops comments, application data
/// and further frames.</summary>
static class GifTrimmer
{
    const byte Extension = 0x21, GraphicControl = 0xF9, ImageDescriptor = 0x2C, Trailer = 0x3B;

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        var reader = new HeaderReader(bytes, ImageFormat.Gif);
        var screen = GifHeader.SkipScreen(ref reader);
        kept.Write(bytes[..^reader.Left]);
        while (true)
        {
            var block = reader.Rest;
            switch (reader.U8())
            {
                case Extension:
                    var label = reader.U8();
                    GifHeader.SkipSubBlocks(ref reader);
                    if (label == GraphicControl)
                        kept.Write(block[..^reader.Left]);
                    break;
                case ImageDescriptor:
                    var (left, top, width, height) = (reader.U16Little(), reader.U16Little(), reader.U16Little(), reader.U16Little());
                    // Decoders make room for the frame, whatever the header says about the screen.
                    limits.CheckSize(Math.Max(screen.Width, left + width), Math.Max(screen.Height, top + height));
                    GifHeader.SkipPalette(ref reader, reader.U8());
                    reader.Skip(1); // LZW code size
                    GifHeader.SkipSubBlocks(ref reader);
                    kept.Write(block[..^reader.Left]);
                    kept.Write((ReadOnlySpan<byte>)[Trailer]);
                    return kept.WrittenSpan;
                default:
                    throw ImageException.Corrupt(ImageFormat.Gif, "holds no picture");
            }
        }
    }
}
