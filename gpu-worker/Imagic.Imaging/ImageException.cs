using System.Text.Json;

namespace Imagic.Imaging;

/// <summary>What is wrong with an image; stable names, fit for a machine-readable problem code.</summary>
public enum ImageProblem
{
    /// <summary>The bytes are no picture at all.</summary>
    NotAnImage,

    /// <summary>A picture, but in a format or variant that is not accepted.</summary>
    UnsupportedFormat,

    /// <summary>A picture that goes beyond <see cref="ImageLimits"/>.</summary>
    TooLarge,

    /// <summary>A picture that is cut off, damaged or contradicts itself.</summary>
    Corrupt,
}

/// <summary>An image cannot be used. The message is one or two sentences for the person who sent it: what is wrong and
/// what to do. The decoder's own words, if any, are in the inner exception, for the log.</summary>
public sealed class ImageException(ImageProblem problem, string message, Exception? innerException = null)
    : ImagicException($"picture-{JsonNamingPolicy.KebabCaseLower.ConvertName(problem.ToString())}", FaultKind.BadInput, message, innerException)
{
    public ImageProblem Problem { get; } = problem;

    internal static ImageException CutOff(ImageFormat format) =>
        Corrupt(format, "ends too early");

    internal static ImageException Corrupt(ImageFormat format, string what, Exception? inner = null) =>
        new(ImageProblem.Corrupt, $"The {format.Name()} file is damaged: it {what}. Send the original file again.", inner);

    internal static ImageException Rare(ImageFormat format, Exception? inner = null) => new(
        ImageProblem.UnsupportedFormat, $"The {format.Name()} is of a rare kind, which is not decoded. Save it as a usual JPEG or PNG.", inner);

    internal static ImageException TooLarge(string what) => new(ImageProblem.TooLarge, what);
}
