using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Diffusion.Weights;

namespace Imagic.Editing.Checkpoints;

/// <summary>
/// The order in which checkpoints appear and go, the same for every store: blobs under a new name, the manifest last,
/// and only then the checkpoint before is deleted. Whenever the process dies, a complete one is left.
/// </summary>
/// <param name="store">Where the blobs are.</param>
/// <param name="epoch">Number of this claim; part of every name, so that two workers never write the same blob.</param>
/// <param name="commit">
/// Makes a checkpoint that is completely written the current one, before the one before is deleted. When it throws, the
/// one before stays.
/// </param>
/// <param name="disk">Where the store fetches blobs to; null takes this machine's own.</param>
public sealed class CheckpointJournal(
    ICheckpointStore store, int epoch, Func<CheckpointManifest, CancellationToken, Task>? commit = null, LocalDisk? disk = null)
{
    private const string TensorsFile = "state.safetensors";

    private readonly LocalDisk _disk = disk ?? new();

    /// <summary>The epoch that a new claim on this store gets: one more than any that left something.</summary>
    public static async Task<int> NextEpochAsync(ICheckpointStore store, CancellationToken cancellationToken)
    {
        var epochs = from name in await store.ListAsync("", cancellationToken)
                     let folder = name.Split('/') is [_, var second, ..] ? second : ""
                     select int.TryParse(folder.Split('-')[0], out var number) ? number : 0;
        return epochs.DefaultIfEmpty(0).Max() + 1;
    }

    /// <summary>
    /// The newest whole checkpoint of a stage that was written for <paramref name="fingerprint"/>. Torn and damaged
    /// ones are passed over; <paramref name="rejected"/> hears why.
    /// </summary>
    public async Task<Checkpoint?> FindAsync(
        string stage, string fingerprint, Action<string> rejected, CancellationToken cancellationToken)
    {
        var manifests = (await store.ListAsync($"{stage}/", cancellationToken))
            .Where(name => name.EndsWith($"/{CheckpointManifest.FileName}", StringComparison.Ordinal))
            // By folder: that of a result is the longer one, and so comes before a checkpoint of the same step.
            .OrderByDescending(name => name[..name.LastIndexOf('/')], StringComparer.Ordinal);
        foreach (var name in manifests)
        {
            try
            {
                var manifest = await ReadManifestAsync(name, cancellationToken);
                if (manifest.Fingerprint != fingerprint) continue;
                return await OpenAsync(manifest, cancellationToken);
            }
            catch (Exception exception) when (exception is InvalidDataException or JsonException or SchemaException or FileNotFoundException or ModelPackageException { IsDiskFailure: false })
            {
                rejected($"The checkpoint {name} cannot be used and is passed over: {exception.Message}");
            }
        }

        return null;
    }

    /// <summary>Publishes a checkpoint or result and then deletes everything older of the stage.</summary>
    /// <param name="manifest">What is published; epoch and parts are filled in here.</param>
    /// <param name="tensors">CPU tensors that nobody changes meanwhile.</param>
    /// <param name="cancellationToken">Gives up; what was there before stays valid.</param>
    public async Task PublishAsync(
        CheckpointManifest manifest, IReadOnlyList<NamedTensor> tensors, CancellationToken cancellationToken)
    {
        manifest = manifest with { Epoch = epoch };
        var existing = await store.ListAsync($"{manifest.Stage}/", cancellationToken);
        if (existing.Contains($"{manifest.Folder}/{CheckpointManifest.FileName}")) return;

        CheckpointPart? part = null;
        await store.CreateAsync(
            $"{manifest.Folder}/{TensorsFile}",
            (stream, _) =>
            {
                using var hashing = new HashingStream(stream);
                SafetensorsWriter.Write(hashing, [.. tensors.Select(tensor => (tensor.Name, tensor.Value))]);
                part = new(TensorsFile, hashing.Length, hashing.Sha256());
                return Task.CompletedTask;
            },
            cancellationToken);

        manifest = manifest with { Parts = [part!] };
        await store.CreateAsync(
            $"{manifest.Folder}/{CheckpointManifest.FileName}",
            (stream, token) => JsonSerializer.SerializeAsync(
                stream, manifest, EditingJson.Indented.CheckpointManifest, token),
            cancellationToken);

        if (commit is not null) await commit(manifest, cancellationToken);

        // Manifests go first: without one the rest of an old checkpoint is invisible.
        foreach (var name in existing.OrderBy(name => !name.EndsWith(CheckpointManifest.FileName, StringComparison.Ordinal)))
            await store.DeleteAsync(name, cancellationToken);
    }

    /// <summary>
    /// Makes a result the current one that is whole: whoever wrote it may have died before it could do so.
    /// </summary>
    public Task AdoptAsync(CheckpointManifest result, CancellationToken cancellationToken) =>
        commit is null ? Task.CompletedTask : commit(result, cancellationToken);

    private async Task<CheckpointManifest> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        var path = await store.FetchAsync(name, cancellationToken);
        var json = await _disk.DoAsync(path, () => File.ReadAllBytesAsync(path, cancellationToken));
        return Versioning.Read(json, EditingJson.Default.CheckpointManifest, name);
    }

    private async Task<Checkpoint> OpenAsync(CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var path = "";
        foreach (var part in manifest.Parts)
        {
            path = await store.FetchAsync($"{manifest.Folder}/{part.Name}", cancellationToken);
            var (length, hash) = await _disk.DoAsync(path, () => HashAsync(path, cancellationToken));
            if (length != part.Length) throw new InvalidDataException($"{part.Name} has {length} bytes, the manifest says {part.Length}");
            if (hash != part.Sha256) throw new InvalidDataException($"{part.Name} has SHA-256 {hash}, the manifest says {part.Sha256}");
        }

        return new(manifest, SafetensorsFile.Open(path));
    }

    private static async Task<(long Length, string Sha256)> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return (stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
    }
}
