using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Imaging;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>A picture that was uploaded before, as it was when its header was read.</summary>
public sealed class UploadedImage : IImageSource
{
    private readonly BlobClient _blob;

    private UploadedImage(BlobClient blob, ETag etag, long length, ReadOnlyMemory<byte> start) =>
        (_blob, ETag, Length, Start) = (blob, etag, length, start);

    /// <summary>Names the content that was looked at.</summary>
    public ETag ETag { get; }

    /// <summary>What requests call it.</summary>
    public string Name => _blob.BlobContainerName == StoragePaths.Tickets ? SourceName.OfTicket(_blob.Name) : _blob.Name;

    public long Length { get; }

    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>Looks at what kind of blob it is, and then reads the first bytes of a picture.</summary>
    /// <exception cref="RequestProblemException">There is no such blob, or it can be no picture.</exception>
    public static async Task<UploadedImage> FindAsync(StorageAccount account, SourceName name, CancellationToken cancellationToken)
    {
        var blob = account.Blobs.GetBlobContainerClient(name.Container).GetBlobClient(name.Blob);
        try
        {
            using var answer = (await blob.DownloadStreamingAsync(
                new BlobDownloadOptions { Range = new HttpRange(0, IImageSource.StartBytes) }, cancellationToken)).Value;
            // "bytes 0-65535/1234567": the length of the answer is that of the range.
            var length = answer.Details.ContentRange?.Split('/') is [_, var whole] ? long.Parse(whole) : answer.Details.ContentLength;
            Check(name, answer.Details.BlobType, length);
            var start = new byte[Math.Min(IImageSource.StartBytes, length)];
            await answer.Content.ReadExactlyAsync(start, cancellationToken);
            return new(blob, answer.Details.ETag, length, start);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw new RequestProblemException(
                "source-not-found", StatusCodes.Status400BadRequest,
                $"There is no picture '{name.Blob}' in the container '{name.Container}'. Upload it first.", "source");
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

    // A page blob says how long it is without holding it, and an append blob may grow.
    private static void Check(SourceName name, BlobType type, long length)
    {
        if (type != BlobType.Block)
        {
            throw new RequestProblemException(
                "wrong-blob-type", StatusCodes.Status400BadRequest,
                $"'{name.Blob}' is a blob of type {type}. Upload the picture as a block blob.", "source");
        }

        if (length > ImageLimits.Default.MaxBytes)
        {
            throw new RequestProblemException(
                "picture-too-large", StatusCodes.Status413PayloadTooLarge,
                $"The file has {length:N0} bytes; at most {ImageLimits.Default.MaxBytes:N0} are accepted. Send a smaller or more compressed picture.", "picture");
        }
    }
}
