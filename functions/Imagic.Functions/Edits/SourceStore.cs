using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
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

    // The only part of a picture that is in memory at a time.
    private const int BlockBytes = 4 * 1024 * 1024;

    /// <summary>Makes a picture the source of an edit unless it has one.</summary>
    public async Task<StoredSource> StoreAsync(EditId id, IImageSource picture, string contentType, CancellationToken cancellationToken)
    {
        var blob = account.Edits.GetBlockBlobClient(StoragePaths.Source(id));
        var headers = new BlobHttpHeaders { ContentType = contentType };
        var conditions = new BlobRequestConditions { IfNoneMatch = ETag.All };
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockBytes, picture.Length));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sha256 = "";
        try
        {
            await using var stream = await picture.OpenAsync(0, cancellationToken);
            if (picture.Length <= BlockBytes)
            {
                var content = await NextAsync((int)picture.Length);
                sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
                await blob.UploadAsync(
                    content, new BlobUploadOptions { Conditions = conditions, HttpHeaders = headers, Metadata = Metadata() }, cancellationToken);
            }
            else
            {
                var blocks = new List<string>();
                // Names of blocks are this upload's own: one that runs beside it must not put its bytes into this one.
                var upload = Guid.NewGuid();
                for (var left = picture.Length; left > 0; left -= BlockBytes)
                {
                    var content = await NextAsync((int)Math.Min(BlockBytes, left));
                    var block = string.Create(CultureInfo.InvariantCulture, $"{upload:N}-{blocks.Count:D5}");
                    blocks.Add(Convert.ToBase64String(Encoding.ASCII.GetBytes(block)));
                    await blob.StageBlockAsync(blocks[^1], content, cancellationToken: cancellationToken);
                }

                sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
                await blob.CommitBlockListAsync(
                    blocks,
                    new CommitBlockListOptions { Conditions = conditions, HttpHeaders = headers, Metadata = Metadata() },
                    cancellationToken);
            }

            return new(sha256, StoreOutcome.Stored);

            async Task<MemoryStream> NextAsync(int count)
            {
                try
                {
                    await stream.ReadExactlyAsync(buffer.AsMemory(0, count), cancellationToken);
                }
                catch (EndOfStreamException)
                {
                    throw new RequestProblemException(
                        "source-changed", StatusCodes.Status409Conflict,
                        $"The picture '{picture.Name}' became shorter while it was read. Start the edit again.", "source");
                }

                hash.AppendData(buffer, 0, count);
                return new(buffer, 0, count, writable: false);
            }

            Dictionary<string, string> Metadata() => new() { [HashKey] = sha256 };
        }
        catch (RequestFailedException exception) when (sha256.Length > 0 && IsThere(exception))
        {
            var properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            var isSame = properties.Value.Metadata.TryGetValue(HashKey, out var found) && found == sha256;
            return new(sha256, isSame ? StoreOutcome.AlreadyThere : StoreOutcome.OtherThere);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Committing a blob throws away the blocks of an upload that ran beside it, whose own commit then finds none.
    private static bool IsThere(RequestFailedException exception) =>
        exception.Status is 409 or 412 || exception.ErrorCode == BlobErrorCode.InvalidBlockList;
}
