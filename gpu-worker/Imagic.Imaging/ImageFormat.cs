using System.Text.Json.Serialization;

namespace Imagic.Imaging;

/// <summary>The picture formats that are decoded, told apart by content; named as people write them.</summary>
public enum ImageFormat
{
    [JsonStringEnumMemberName("JPEG")]
    Jpeg,

    [JsonStringEnumMemberName("PNG")]
    Png,

    WebP,

    [JsonStringEnumMemberName("GIF")]
    Gif,

    [JsonStringEnumMemberName("BMP")]
    Bmp,

    [JsonStringEnumMemberName("TIFF")]
    Tiff,
}

/// <summary>How formats are called over HTTP.</summary>
public static class ImageFormatTypes
{
    extension(ImageFormat format)
    {
        /// <summary>The registered media type.</summary>
        public string MediaType => $"image/{format.ToString().ToLowerInvariant()}";
    }
}
