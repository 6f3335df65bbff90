namespace Imagic.Imaging;

/// <summary>The codec of this build. Which one it is, only the other half of this class knows, and of the folders with
/// such a half each build compiles one.</summary>
public static partial class ImageCodec
{
    public static IImageCodec Default { get; } = Create();

    /// <summary>The formats that can be decoded, in one phrase.</summary>
    internal static string Decoded { get; } = Phrase([.. Enum.GetValues<ImageFormat>().Where(Decodes).Select(format => format.Name)]);

    /// <summary>Whether pictures of this format can be decoded, or only recognised.</summary>
    internal static partial bool Decodes(ImageFormat format);

    private static partial IImageCodec Create();

    static string Phrase(string[] names) => $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
