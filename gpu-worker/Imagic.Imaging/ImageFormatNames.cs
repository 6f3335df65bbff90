namespace Imagic.Imaging;

/// <summary>How formats are called in sentences and over HTTP.</summary>
public static class ImageFormatNames
{
    extension(ImageFormat format)
    {
        /// <summary>As people write it.</summary>
        public string Name => format switch
        {
            ImageFormat.Jpeg => "JPEG",
            ImageFormat.Png => "PNG",
            ImageFormat.WebP => "WebP",
            ImageFormat.Avif => "AVIF",
            ImageFormat.Heif => "HEIC",
            _ => "GIF",
        };

        /// <summary>The registered media type.</summary>
        public string MediaType => format switch
        {
            ImageFormat.Jpeg => "image/jpeg",
            ImageFormat.Png => "image/png",
            ImageFormat.WebP => "image/webp",
            ImageFormat.Avif => "image/avif",
            ImageFormat.Heif => "image/heic",
            _ => "image/gif",
        };
    }
}
