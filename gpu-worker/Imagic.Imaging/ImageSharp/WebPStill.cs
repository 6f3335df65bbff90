using System.Buffers;
using System.Buffers.Binary;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.ImageSharp;

/// <summary>The first frame of an animated WebP as a picture of its own (RFC 9649, 2.7): ImageSharp 2.1 reads no
/// animations.</summary>
static class WebPStill
{
    const int RiffHeader = 12, FrameHeader = 16;

    const byte AnimationFlag = 0x02;

    /// <param name="trimmed">What the trimmer has made of a file: at most one frame, and that at its end.</param>
    /// <exception cref="ImageException">The frame does not fill the canvas.</exception>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> trimmed, ImageHeader header)
    {
        var still = new ArrayBufferWriter<byte>(trimmed.Length);
        still.Write(trimmed[..RiffHeader]);
        var reader = new HeaderReader(trimmed[RiffHeader..], ImageFormat.WebP);
        while (reader.Left > 0)
        {
            var chunk = reader.Rest;
            var type = reader.Take(4);
            var length = reader.U32Little();
            var content = reader.Take(length);
            reader.Skip(length & 1);
            chunk = chunk[..^reader.Left];
            if (type.SequenceEqual("ANMF"u8))
                still.Write(Picture(content, header));
            else if (!type.SequenceEqual("ANIM"u8))
                still.Write(chunk);
        }
        var file = still.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        if (file.AsSpan(RiffHeader).StartsWith("VP8X"u8))
            file[RiffHeader + 8] &= unchecked((byte)~AnimationFlag);
        return file;
    }

    /// <summary>A frame's alpha and picture chunks.</summary>
    static ReadOnlySpan<byte> Picture(ReadOnlySpan<byte> frame, ImageHeader header)
    {
        var reader = new HeaderReader(frame, ImageFormat.WebP);
        var (left, top, width, height) = (reader.U24Little() * 2, reader.U24Little() * 2, reader.U24Little() + 1, reader.U24Little() + 1);
        if ((left, top, width, height) != (0, 0, header.Width, header.Height))
            throw new ImageException(ImageProblem.UnsupportedFormat,
                "The WebP is an animation whose first frame fills only a part of it. Save the frame you mean as a PNG.");
        reader.Skip(FrameHeader - 12); // duration, flags
        return reader.Rest;
    }
}
