using System.Text.Json;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.Storage.Resilience;

namespace Imagic.Worker.Models;

/// <summary>How far the upload or download of a package is.</summary>
/// <param name="File">The file at hand, below the package's folder.</param>
/// <param name="Bytes">Bytes so far, of all files.</param>
/// <param name="Of">Bytes of the whole package.</param>
public readonly record struct ModelTransfer(string File, long Bytes, long Of);

/// <summary>
/// Model packages in blob storage: the files under the SHA-256 of their content, and a small manifest per name that is
/// written last. A file that several packages share is stored once.
/// </summary>
/// <param name="account">Where the packages are.</param>
/// <param name="time">Times the pauses before a broken download begins again; null takes the system's.</param>
/// <param name="disk">Where packages are fetched to; null takes this machine's own.</param>
public sealed class ModelStore(StorageAccount account, TimeProvider? time = null, LocalDisk? disk = null)
{
    private const string ManifestSuffix = ".json";

    private static readonly StorageTransferOptions InParallel = new()
    {
        MaximumConcurrency = 8,
        MaximumTransferSize = 8 << 20,
        InitialTransferSize = 8 << 20,
    };

    private readonly LocalDisk _disk = disk ?? new();
    private readonly VersionedBlob<ModelManifest> _manifests = new(account.Models, ContractsJsonContext.Default.ModelManifest);

    /// <summary>Uploads a package under a name; files that are there already are not sent again.</summary>
    /// <param name="name">What edits will ask for.</param>
    /// <param name="package">The package.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up; the name keeps meaning what it meant before.</param>
    /// <param name="source">What it was fetched from, when no person pushes it.</param>
    /// <exception cref="BadInputException">The name has characters that it may not have, or the package examples or a sentence about it that it may not have.</exception>
    public async Task<ModelManifest> PushAsync(
        string name, ModelPackage package, IProgress<ModelTransfer>? progress, CancellationToken cancellationToken, string? source = null)
    {
        if (!ModelManifest.IsName(name)) throw new BadInputException($"'{name}' cannot be the name of a model: a name has {ModelManifest.NameRule}.");
        var examples = await TextAsync(ModelExamples.FileName) is { } told ? ModelExamples.Read(told) : [];
        var about = await TextAsync(ModelAbout.FileName) is { } said ? ModelAbout.Read(said) : null;
        await account.Models.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var paths = package.Files().ToList();
        var (done, total) = (0L, paths.Sum(path => new FileInfo(path).Length));
        var files = new List<ModelFile>();
        foreach (var path in paths)
        {
            var file = new ModelFile(
                package.PathOf(path), new FileInfo(path).Length, await PackageHash.OfFileAsync(path, cancellationToken));
            files.Add(file);
            progress?.Report(new(file.Path, done, total));
            var blob = account.Models.GetBlobClient(StoragePaths.ModelFile(file.Sha256));
            if (!await blob.ExistsAsync(cancellationToken))
                await blob.UploadAsync(path, new BlobUploadOptions { TransferOptions = InParallel, ProgressHandler = Following(file, done) }, cancellationToken);
            done += file.Length;
            progress?.Report(new(file.Path, done, total));
        }

        var manifest = new ModelManifest
        {
            Name = name,
            Sha256 = PackageHash.Of(files.Select(file => (file.Path, file.Sha256))),
            Files = [.. files],
            Side = package.ReadGeometry().Side,
            Examples = examples,
            About = about,
            Source = source,
        };
        await _manifests.WriteAsync(StoragePaths.ModelManifest(name), manifest, cancellationToken);
        return manifest;

        IProgress<long>? Following(ModelFile file, long before) =>
            progress is null ? null : new Progress<long>(bytes => progress.Report(new(file.Path, before + bytes, total)));

        async Task<string?> TextAsync(string name) =>
            Path.Combine(package.Folder, name) is var path && File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
    }

    /// <summary>The packages that are there, by name.</summary>
    /// <param name="unreadable">Gets a sentence for each manifest that cannot be read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ModelManifest>> ListAsync(Action<string> unreadable, CancellationToken cancellationToken)
    {
        var manifests = new List<ModelManifest>();
        if (!await account.Models.ExistsAsync(cancellationToken)) return manifests;
        await foreach (var item in account.Models.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", null, cancellationToken))
        {
            if (!item.IsBlob || !item.Blob.Name.EndsWith(ManifestSuffix, StringComparison.Ordinal)) continue;
            try
            {
                if (await FindAsync(item.Blob.Name[..^ManifestSuffix.Length], cancellationToken) is { } manifest) manifests.Add(manifest);
            }
            catch (Exception exception) when (exception is SchemaException or JsonException)
            {
                unreadable(exception.Message);
            }
        }

        return manifests;
    }

    /// <summary>What a name means now; null when it means nothing.</summary>
    public async Task<ModelManifest?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!ModelManifest.IsName(name)) return null;
        var manifest = (await _manifests.ReadAsync(StoragePaths.ModelManifest(name), cancellationToken))?.Value;
        return manifest is null || manifest.Name == name ? manifest : throw new JsonException($"The manifest of model '{name}' says that it is of '{manifest.Name}'.");
    }

    /// <summary>Removes a name, and the files that no other package has. A push beside it may miss those.</summary>
    /// <returns>Bytes that are free again; null when there is no such name.</returns>
    /// <exception cref="JsonException">Another package's manifest cannot be read, so nobody knows what it needs.</exception>
    public async Task<long?> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (!await account.Models.ExistsAsync(cancellationToken) || await FindAsync(name, cancellationToken) is not { } manifest) return null;
        var others = await ListAsync(problem => throw new JsonException(problem), cancellationToken);
        await account.Models.GetBlobClient(StoragePaths.ModelManifest(name)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        var needed = others.Where(other => other.Name != name).SelectMany(other => other.Files).Select(file => file.Sha256).ToHashSet();
        var free = manifest.Files.Where(file => needed.Add(file.Sha256)).ToArray();
        foreach (var file in free) await account.Models.GetBlobClient(StoragePaths.ModelFile(file.Sha256)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return free.Sum(file => file.Length);
    }

    /// <summary>Fetches a package's files and verifies each.</summary>
    /// <param name="manifest">The package.</param>
    /// <param name="folder">Where its files go; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">What storage gave is not what the manifest says.</exception>
    public async Task DownloadAsync(ModelManifest manifest, string folder, CancellationToken cancellationToken)
    {
        if (PackageHash.Of(manifest.Files.Select(file => (file.Path, file.Sha256))) != manifest.Sha256)
            throw new InvalidDataException($"The manifest of model '{manifest.Name}' does not have the sha256 of the files that it names.");
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var retry = ResiliencePipelines.Download(time ?? TimeProvider.System);
        foreach (var file in manifest.Files)
        {
            var path = Path.GetFullPath(Path.Combine(root, file.Path));
            if (!path.StartsWith(root, StringComparison.Ordinal))
                throw new InvalidDataException($"The manifest of model '{manifest.Name}' names a file outside the package: {file.Path}");
            await retry.ExecuteAsync(
                async token =>
                {
                    await using var stream = _disk.Create(path);
                    await account.Models.GetBlobClient(StoragePaths.ModelFile(file.Sha256)).DownloadToAsync(
                        stream, new BlobDownloadToOptions { TransferOptions = InParallel }, token);
                },
                cancellationToken);
            var hash = await PackageHash.OfFileAsync(path, cancellationToken);
            if (hash != file.Sha256)
                throw new InvalidDataException($"{file.Path} of model '{manifest.Name}' has SHA-256 {hash}, the manifest says {file.Sha256}.");
        }
    }
}
