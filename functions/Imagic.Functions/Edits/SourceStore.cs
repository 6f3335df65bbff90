using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>The source that an edit has now.</summary>
/// <param name="Sha256">Of the picture that was to be stored, lower-case hex.</param>
/// <param name="Outcome">Whether it is the edit's source.</param>
public readonly record struct StoredSource(string Sha256, StoreOutcome Outcome);

/// <summary>What became of a picture that was to be stored.</summary>
public enum StoreOutcome
{
    /// <summary>It is the edit's source as of now.</summary>
    Stored,

    /// <summary>It was the edit's source before.</summary>
    AlreadyThere,

    /// <summary>The edit has another source.</summary>
    OtherThere,
}

/// <summary>
/// Sources of edits, each written once. A source appears with all its bytes and its hash at one moment, so a repeat
/// may trust the hash that it finds.
/// </summary>
public sealed class SourceStore(StorageAccount account)
{
    private const string HashKey = "sha256";

    private const int ReadBytes = 128 * 1024;

    /// <summary>Makes a picture the source of an edit unless it has one.</summary>
    public async Task<StoredSource> StoreAsync(EditId id, IImageSource picture, string contentType, CancellationToken cancellationToken)
    {
        var blob = account.Edits.GetBlockBlobClient(StoragePaths.Source(id));
        await using var upload = new BlockUploadStream(blob, contentType, parallelism: 1, cancellationToken);
        var sha256 = await CopyAsync(picture, upload, cancellationToken);
        if (await upload.CommitAsync(new Dictionary<string, string> { [HashKey] = sha256 })) return new(sha256, StoreOutcome.Stored);
        var properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        var isSame = properties.Value.Metadata.TryGetValue(HashKey, out var found) && found == sha256;
        return new(sha256, isSame ? StoreOutcome.AlreadyThere : StoreOutcome.OtherThere);
    }

    /// <summary>Makes a source that is there new, so that no sweep takes it for given up; false when it is gone.</summary>
    public async Task<bool> TouchAsync(EditId id, StoredSource source, CancellationToken cancellationToken)
    {
        try
        {
            await account.Edits.GetBlobClient(StoragePaths.Source(id)).SetMetadataAsync(
                new Dictionary<string, string> { [HashKey] = source.Sha256 }, cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return false;
        }
    }

    private static async Task<string> CopyAsync(IImageSource picture, Stream target, CancellationToken cancellationToken)
    {
        await using var stream = await picture.OpenAsync(0, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(ReadBytes, picture.Length)];
        for (var left = picture.Length; left > 0;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
            if (count == 0)
            {
                throw new RequestProblemException(
                    "source-changed", StatusCodes.Status409Conflict,
                    $"The picture '{picture.Name}' became shorter while it was read. Start the edit again.", "source");
            }

            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            left -= count;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
