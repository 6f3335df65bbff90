using Imagic.Functions.Problems;
using Imagic.Imaging;

namespace Imagic.Functions.Edits;

/// <summary>Looks at a picture's content, not at its name or declared type. No pixel is decoded.</summary>
public static class PictureCheck
{
    /// <summary>Reads the header and refuses what could not be edited.</summary>
    /// <exception cref="RequestProblemException">It is no accepted picture, or too large.</exception>
    public static async Task<ImageHeader> RunAsync(IPicture picture, CancellationToken cancellationToken)
    {
        try
        {
            var header = await ReadHeaderAsync(picture, cancellationToken);
            ImageLimits.Default.Check(header, picture.Length);
            return header;
        }
        catch (ImageException exception)
        {
            var (code, status) = exception.Problem switch
            {
                ImageProblem.NotAnImage => ("not-an-image", StatusCodes.Status415UnsupportedMediaType),
                ImageProblem.UnsupportedFormat => ("unsupported-format", StatusCodes.Status415UnsupportedMediaType),
                ImageProblem.TooLarge => ("picture-too-large", StatusCodes.Status413PayloadTooLarge),
                _ => ("damaged-picture", StatusCodes.Status400BadRequest),
            };
            throw new RequestProblemException(code, status, exception.Message, "picture");
        }
    }

    private static async Task<ImageHeader> ReadHeaderAsync(IPicture picture, CancellationToken cancellationToken)
    {
        try
        {
            return ImageHeader.Read(picture.Start.Span);
        }
        catch (ImageException exception) when (exception.Problem == ImageProblem.Corrupt && picture.Start.Length < picture.Length)
        {
            // Metadata of any length may stand before a JPEG's size, and a TIFF's directory mostly stands at its end.
            if (picture.Length > ImageLimits.Default.MaxBytes) throw;
            await using var stream = await picture.OpenAsync(cancellationToken);
            var longer = new byte[picture.Length];
            var count = await stream.ReadAtLeastAsync(longer, longer.Length, throwOnEndOfStream: false, cancellationToken);
            return ImageHeader.Read(longer.AsSpan(0, count));
        }
    }
}
