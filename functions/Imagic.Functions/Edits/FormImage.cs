using Imagic.Contracts;

namespace Imagic.Functions.Edits;

/// <summary>A picture that came with the request; the server keeps it in a temporary file until the answer.</summary>
public sealed class FormImage : IImageSource
{
    private readonly IFormFile _file;

    private FormImage(IFormFile file, ReadOnlyMemory<byte> start) => (_file, Start) = (file, start);

    public string Name => BlobName.OfFile(_file.FileName);

    public long Length => _file.Length;

    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>Reads the first bytes of a part of a form. Which format it is, only its content tells: browsers and tools
    /// guess the declared type by the name.</summary>
    public static async Task<FormImage> ReadAsync(IFormFile file, CancellationToken cancellationToken)
    {
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
