using Imagic.Functions.Problems;
using Imagic.Imaging;

namespace Imagic.Functions.Edits;

/// <summary>Looks at a picture's content, not at its name or declared type. No pixel is decoded.</summary>
public static class ImageCheck
{
    /// <summary>Reads the header and refuses what could not be edited.</summary>
    /// <exception cref="RequestProblemException">It is no accepted picture, or too large.</exception>
    public static async Task<ImageHeader> RunAsync(IImageSource picture, CancellationToken cancellationToken)
    {
        try
        {
            var header = await ReadHeaderAsync(picture, cancellationToken);
            ImageLimits.Default.Check(header, picture.Length);
            return header;
        }
        catch (ImageException exception)
        {
            throw Refusal(exception);
        }
    }

    /// <summary>How it is told over HTTP that a picture is not accepted.</summary>
    public static RequestProblemException Refusal(ImageException exception)
    {
        var (code, status) = exception.Problem switch
        {
            ImageProblem.NotAnImage => ("not-an-image", StatusCodes.Status415UnsupportedMediaType),
            ImageProblem.UnsupportedFormat => ("unsupported-format", StatusCodes.Status415UnsupportedMediaType),
            ImageProblem.TooLarge => ("picture-too-large", StatusCodes.Status413PayloadTooLarge),
            _ => ("damaged-picture", StatusCodes.Status400BadRequest),
        };
        return new(code, status, exception.Message, "picture");
    }

    private static async Task<ImageHeader> ReadHeaderAsync(IImageSource picture, CancellationToken cancellationToken)
    {
        try
        {
            return ImageHeader.Read(picture.Start.Span);
        }
        catch (ImageException exception) when (exception.Problem == ImageProblem.Corrupt && picture.Start.Length < picture.Length)
        {
            if (ImageHeader.TiffDirectoryOffset(picture.Start.Span) is not { } offset)
            {
                return ImageHeader.Read(await ReadAsync(picture, 0, ImageHeader.MaxStartBytes, cancellationToken));
            }

            if (offset >= picture.Length) throw;
            var directory = await ReadAsync(picture, offset, ImageHeader.MaxTiffDirectoryBytes, cancellationToken);
            return ImageHeader.ReadTiff(picture.Start.Span, directory);
        }
    }

    private static async Task<byte[]> ReadAsync(IImageSource picture, long from, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(count, picture.Length - from)];
        await using var stream = await picture.OpenAsync(from, cancellationToken);
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
