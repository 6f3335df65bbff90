using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>A picture in the container <c>uploads</c>, as it was when its header was read.</summary>
public sealed class UploadedImage : IImageSource
{
    private readonly BlobClient _blob;

    private UploadedImage(BlobClient blob, ETag etag, long length, ReadOnlyMemory<byte> start) =>
        (_blob, ETag, Length, Start) = (blob, etag, length, start);

    /// <summary>Names the content that was looked at.</summary>
    public ETag ETag { get; }

    public string Name => _blob.Name;

    public long Length { get; }

    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>Reads the first bytes of a picture.</summary>
    /// <exception cref="RequestProblemException">There is no such blob.</exception>
    public static async Task<UploadedImage> FindAsync(
        BlobContainerClient uploads, string name, CancellationToken cancellationToken)
    {
        var blob = uploads.GetBlobClient(name);
        try
        {
            var answer = await blob.DownloadContentAsync(
                new BlobDownloadOptions { Range = new HttpRange(0, IImageSource.StartBytes) }, cancellationToken);
            var details = answer.Value.Details;
            // "bytes 0-65535/1234567": the length of the answer is that of the range.
            var length = details.ContentRange?.Split('/') is [_, var whole] ? long.Parse(whole) : details.ContentLength;
            return new(blob, details.ETag, length, answer.Value.Content.ToMemory());
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw new RequestProblemException(
                "source-not-found", StatusCodes.Status400BadRequest,
                $"There is no picture '{name}' in the container '{uploads.Name}'. Upload it first.", "source");
        }
        catch (RequestFailedException exception) when (exception.IsOutOfRange())
        {
            return new(blob, default, 0, default); // empty
        }
    }

    public async Task<Stream> OpenAsync(long from, CancellationToken cancellationToken)
    {
        if (Start.Length == Length) return new MemoryStream(Start[(int)from..].ToArray(), writable: false);
        try
        {
            var answer = await _blob.DownloadStreamingAsync(
                new BlobDownloadOptions { Range = new HttpRange(from), Conditions = new() { IfMatch = ETag } }, cancellationToken);
            return answer.Value.Content;
        }
        catch (RequestFailedException exception) when (exception.HasChanged())
        {
            throw new RequestProblemException(
                "source-changed", StatusCodes.Status409Conflict,
                $"The picture '{Name}' was overwritten or deleted while it was read. Start the edit again.", "source");
        }
    }
}
