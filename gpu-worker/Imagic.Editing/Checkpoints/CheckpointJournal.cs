using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Diffusion.Weights;

namespace Imagic.Editing.Checkpoints;

/// <summary>Keeps content under its hash; content that is there already is not written again.</summary>
/// <param name="sha256">Of the content, lower-case hex.</param>
/// <param name="write">Writes it; called once at most.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task ShareContent(string sha256, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

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
/// <param name="share">
/// Keeps the content of a result under its hash, where other edits find it too; null keeps it beside its manifest.
/// </param>
/// <param name="disk">Where the store fetches blobs to; null takes this machine's own.</param>
public sealed class CheckpointJournal(
    ICheckpointStore store, int epoch, Func<CheckpointManifest, CancellationToken, Task>? commit = null,
    ShareContent? share = null, LocalDisk? disk = null)
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

        var part = manifest.Complete && share is not null
            ? await ShareAsync(share, tensors, cancellationToken)
            : await CreateAsync(manifest.Folder, tensors, cancellationToken);
        manifest = manifest with { Parts = [part] };
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

    private async Task<CheckpointPart> CreateAsync(string folder, IReadOnlyList<NamedTensor> tensors, CancellationToken cancellationToken)
    {
        CheckpointPart? part = null;
        await store.CreateAsync(
            $"{folder}/{TensorsFile}",
            (stream, _) =>
            {
                part = WriteHashed(stream, tensors);
                return Task.CompletedTask;
            },
            cancellationToken);
        return part!;
    }

    // Hashed before it is written, since the hash is its name.
    private static async Task<CheckpointPart> ShareAsync(ShareContent share, IReadOnlyList<NamedTensor> tensors, CancellationToken cancellationToken)
    {
        var part = await Task.Run(() => WriteHashed(Stream.Null, tensors), cancellationToken);
        await share(
            part.Sha256,
            (stream, _) =>
            {
                Write(stream, tensors);
                return Task.CompletedTask;
            },
            cancellationToken);
        return part with { Name = CheckpointPart.SharedFolder + part.Sha256 };
    }

    private static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors) =>
        SafetensorsWriter.Write(stream, [.. tensors.Select(tensor => (tensor.Name, tensor.Value))]);

    private static CheckpointPart WriteHashed(Stream stream, IReadOnlyList<NamedTensor> tensors)
    {
        using var hashing = new HashingStream(stream);
        Write(hashing, tensors);
        return new(TensorsFile, hashing.Length, hashing.Sha256());
    }

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
            path = await store.FetchAsync(manifest.NameOf(part), cancellationToken);
            var (length, hash) = await _disk.DoAsync(path, () => HashAsync(path, cancellationToken));
            if (length == part.Length && hash == part.Sha256) continue;
            // Under its hash nobody would write it again.
            if (part.IsShared) await store.DeleteAsync(part.Name, cancellationToken);
            throw new InvalidDataException($"{part.Name} has {length} bytes with SHA-256 {hash}, the manifest says {part.Length} with {part.Sha256}");
        }

        return new(manifest, SafetensorsFile.Open(path));
    }

    private static async Task<(long Length, string Sha256)> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return (stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
    }
}
