namespace Imagic.Imaging;

/// <summary>Bytes to pixels and back. Implementations are thread-safe. Recognising a file and reading its size needs no
/// codec: see <see cref="ImageHeader.Read"/>.</summary>
public interface IImageCodec
{
    /// <summary>Decodes a JPEG, PNG, WebP, GIF (the first frame of an animation) or, where the codec can, AVIF to sRGB:
    /// turned upright by its orientation tag, colours converted from its profile as far as the codec can, transparency laid
    /// on white, metadata dropped.</summary>
    /// <param name="encoded">The whole file. What it is, is decided by its content alone.</param>
    /// <param name="limits">Checked before any pixel is decoded.</param>
    /// <exception cref="ImageException">The file is no acceptable picture; the message says why.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits);

    /// <summary>Encodes without metadata. The same pixels give the same bytes.</summary>
    /// <param name="format">PNG (lossless), JPEG or WebP.</param>
    /// <param name="quality">1 to 100; without effect on PNG.</param>
    /// <exception cref="InvalidOperationException">The format cannot hold so large a picture (WebP: 16,383 pixels a
    /// side).</exception>
    byte[] Encode(RgbImage image, ImageFormat format, int quality = 90);

    /// <summary>Draws a label; null where the machine has no font, or where nothing in the text is visible.</summary>
    /// <param name="text">Plain text; '\n' starts a new line.</param>
    /// <param name="fontSize">Size of the em in pixels.</param>
    /// <param name="maxWidth">Longer lines are wrapped at this width in pixels.</param>
    /// <param name="centred">Lines are centred over each other rather than aligned to the left.</param>
    TextMask? RenderText(string text, int fontSize, int maxWidth, bool centred = false);
}
