using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Storage;

namespace Imagic.Worker.Checkpoints;

/// <summary>The blobs below one edit's folder, and the tunings that it refers to, as a store of checkpoints.</summary>
/// <param name="account">Where they are.</param>
/// <param name="id">The edit.</param>
/// <param name="writer">
/// Names this claim. It is kept with each blob, so that a creation whose answer got lost is recognised as done.
/// </param>
/// <param name="guard">Throws when the edit belongs to somebody else by now; asked before anything appears.</param>
/// <param name="cache">Folder of this machine to which blobs are fetched; the caller deletes it.</param>
/// <param name="disk">The disk that it is on.</param>
internal sealed class BlobCheckpointStore(
    StorageAccount account, EditId id, string writer, Func<CancellationToken, Task> guard, string cache, LocalDisk disk) : ICheckpointStore
{
    private const string WriterKey = "writer";

    private const int Parallelism = 4;

    private static readonly StorageTransferOptions InParallel = new()
    {
        MaximumConcurrency = Parallelism,
        MaximumTransferSize = BlockUploadStream.BlockSize,
        InitialTransferSize = BlockUploadStream.BlockSize,
    };

    public async Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var folder = $"{id}/";
        var names = new List<string>();
        await foreach (var blob in account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder + prefix, cancellationToken))
            names.Add(blob.Name[folder.Length..]);
        return names;
    }

    public async Task CreateAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await guard(cancellationToken);
        var blob = account.Edits.GetBlockBlobClient($"{id}/{name}");
        await using var upload = new BlockUploadStream(blob, ContentType(name), Parallelism, cancellationToken);
        await write(upload, cancellationToken);
        await guard(cancellationToken);
        if (await upload.CommitAsync(new Dictionary<string, string> { [WriterKey] = writer })) return;
        var properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        if (!properties.Value.Metadata.TryGetValue(WriterKey, out var other) || other != writer)
            throw new IOException($"There is a blob {blob.Name} already.");
    }

    public async Task<string> FetchAsync(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(cache, name);
        try
        {
            await using var stream = disk.Create(path);
            await BlobOf(name).DownloadToAsync(
                stream, new BlobDownloadToOptions { TransferOptions = InParallel }, cancellationToken);
            return path;
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw new FileNotFoundException($"There is no blob {BlobOf(name).Name}.", path, exception);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        BlobOf(name).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    // Results are shown by browsers straight from storage.
    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".png" => "image/png",
        ".html" => "text/html; charset=utf-8",
        ".json" => "application/json",
        _ => "application/octet-stream",
    };

    private BlobClient BlobOf(string name) => name.StartsWith(CheckpointPart.SharedFolder, StringComparison.Ordinal)
        ? account.Tunings.GetBlobClient(StoragePaths.TuningContent(name[CheckpointPart.SharedFolder.Length..]))
        : account.Edits.GetBlobClient($"{id}/{name}");
}
