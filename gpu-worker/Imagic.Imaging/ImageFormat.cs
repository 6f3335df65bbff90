namespace Imagic.Imaging;

/// <summary>The picture formats that are decoded, told apart by content.</summary>
public enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Tiff,
}

/// <summary>How formats are called in sentences and over HTTP.</summary>
public static class ImageFormatNames
{
    extension(ImageFormat format)
    {
        /// <summary>As people write it.</summary>
        public string Name => format is ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

        /// <summary>The registered media type.</summary>
        public string MediaType => $"image/{format.ToString().ToLowerInvariant()}";
    }
}
