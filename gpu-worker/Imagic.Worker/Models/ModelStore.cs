using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Runtime.Storage;

namespace Imagic.Worker.Models;

/// <summary>
/// Model packages in blob storage: the files under the SHA-256 of their content, and a small manifest per name that is
/// written last. A package that is fetched is kept in a folder and verified before it is used.
/// </summary>
/// <param name="account">Where the packages are.</param>
/// <param name="cache">Folder for fetched packages, one each, named by their hash.</param>
public sealed class ModelStore(StorageAccount account, string cache)
{
    private BlobContainerClient Container => account.Blobs.GetBlobContainerClient(StoragePaths.Models);

    /// <summary>Uploads a package under a name; files that are there already are not sent again.</summary>
    public async Task<ModelManifest> PushAsync(string name, ModelPackage package, CancellationToken cancellationToken)
    {
        await Container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var files = new List<ModelFile>();
        foreach (var path in package.Files())
        {
            var file = new ModelFile(
                Path.GetRelativePath(package.Folder, path).Replace(Path.DirectorySeparatorChar, '/'),
                new FileInfo(path).Length,
                await HashAsync(path, cancellationToken));
            files.Add(file);
            var blob = Container.GetBlobClient(StoragePaths.ModelFile(file.Sha256));
            if (await blob.ExistsAsync(cancellationToken)) continue;
            await blob.UploadAsync(path, new BlobUploadOptions(), cancellationToken);
        }

        var manifest = new ModelManifest { Name = name, Sha256 = await package.HashAsync(cancellationToken), Files = [.. files] };
        await Container.GetBlobClient(StoragePaths.ModelManifest(name)).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ModelManifest)),
            new BlobUploadOptions { HttpHeaders = new() { ContentType = "application/json" } },
            cancellationToken);
        return manifest;
    }

    /// <summary>Brings a package to this machine; null when there is none of that name.</summary>
    /// <returns>Its folder.</returns>
    /// <exception cref="InvalidDataException">What storage gave is not what the manifest says.</exception>
    public async Task<string?> FetchAsync(string name, CancellationToken cancellationToken)
    {
        if (await ReadManifestAsync(name, cancellationToken) is not { } manifest) return null;
        var folder = Path.Combine(cache, manifest.Sha256, name);
        if (Directory.Exists(folder)) return folder;
        // Appears whole or not at all: downloaded beside, verified, renamed.
        var partial = Path.Combine(cache, $"{manifest.Sha256}.{Guid.NewGuid():N}");
        try
        {
            foreach (var file in manifest.Files)
            {
                var path = Path.GetFullPath(Path.Combine(partial, name, file.Path));
                if (!path.StartsWith(Path.GetFullPath(partial) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    throw new InvalidDataException($"The manifest of model '{name}' names a file outside the package: {file.Path}");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await Container.GetBlobClient(StoragePaths.ModelFile(file.Sha256)).DownloadToAsync(path, cancellationToken);
                var hash = await HashAsync(path, cancellationToken);
                if (hash != file.Sha256)
                    throw new InvalidDataException($"{file.Path} of model '{name}' has SHA-256 {hash}, the manifest says {file.Sha256}.");
            }

            try
            {
                Directory.Move(partial, Path.Combine(cache, manifest.Sha256));
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another worker of this machine was faster.
            }

            return folder;
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private async Task<ModelManifest?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Container.GetBlobClient(StoragePaths.ModelManifest(name)).DownloadContentAsync(cancellationToken);
            return Versioning.Read(answer.Value.Content, ContractsJsonContext.Default.ModelManifest, $"The manifest of model '{name}'");
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
