using Imagic.Contracts;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>A picture that came with the request; the server keeps it in a temporary file until the answer.</summary>
public sealed class FormImage : IImageSource
{
    private readonly IFormFile _file;

    private FormImage(IFormFile file, ReadOnlyMemory<byte> start) => (_file, Start) = (file, start);

    public string Name => BlobName.OfFile(_file.FileName);

    public long Length => _file.Length;

    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>Reads the first bytes of a part of a form.</summary>
    /// <exception cref="RequestProblemException">It is declared to be something else than a picture.</exception>
    public static async Task<FormImage> ReadAsync(IFormFile file, CancellationToken cancellationToken)
    {
        // Which format it is, only its content tells; browsers and tools guess by the name.
        var type = file.Headers.ContentType.ToString();
        if (type.Length > 0 && type != "application/octet-stream" && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            throw new RequestProblemException(
                "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType,
                $"The picture is declared as '{type}'. Send it as image/* or application/octet-stream.", "picture");
        }

        await using var stream = file.OpenReadStream();
        var start = new byte[Math.Min(IImageSource.StartBytes, file.Length)];
        await stream.ReadExactlyAsync(start, cancellationToken);
        return new(file, start);
    }

    public Task<Stream> OpenAsync(long from, CancellationToken cancellationToken)
    {
        var stream = _file.OpenReadStream();
        stream.Position = from;
        return Task.FromResult(stream);
    }
}
