using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Worker.Models.Hub;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Models;

/// <summary>
/// The model packages that a worker can use, by name: folders of this machine first, then packages in blob storage,
/// which are fetched once and verified, and which the first worker gets from a hub where they are named so. The package used last stays loaded: successive stages mostly want the same.
/// </summary>
internal sealed class ModelLibrary(ModelStore store, WorkerOptions options, LocalDisk disk, TimeProvider time, ILogger<ModelLibrary> logger) : IDisposable
{
    private readonly ModelCache _cache = new(
        store, Path.Combine(options.CacheFolder, "models"), options.CacheBytes, disk, time, logger);

    private readonly HubModels _stored = new(store, options, disk, time, logger);

    private CachedModel? _cached;
    private LoadedModels? _loaded;
    private string? _identity;

    /// <summary>Gives a package, ready to compute.</summary>
    /// <exception cref="BadInputException">There is no package of that name.</exception>
    /// <exception cref="ModelPackageException">It cannot be used.</exception>
    /// <exception cref="HubException">It is to come from a hub, which does not give it.</exception>
    public async Task<LoadedModels> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var folder = ModelFolders.Find(name, options.ModelsFolder);
        // Read each time: a package that was pushed under the same name since is another one.
        var manifest = folder is not null ? null : await _stored.FindAsync(name, cancellationToken)
            ?? throw new BadInputException($"There is no model '{name}', neither on the worker nor in storage.");
        var identity = folder ?? $"{name} {manifest!.Sha256}";
        if (_loaded is not null && _identity == identity && (manifest is null || ModelCache.StampOf(manifest, _cached!.Folder) == _cached.Stamp)) return _loaded;
        Dispose();
        if (manifest is not null)
        {
            _cached = await _cache.OpenAsync(manifest, cancellationToken);
            folder = _cached.Folder;
        }

        var package = ModelPackage.Open(folder!);
        if (package.Verify().Components.FirstOrDefault(component => component.Problem is not null) is { } broken)
            throw new ModelPackageException(folder!, $"{broken.Name} cannot be used. {broken.Problem}", broken.Cause);
        (_loaded, _identity) = (new(package, options.Compute.Dtype, options.Compute.Device, manifest?.Sha256), identity);
        return _loaded;
    }

    /// <summary>Lets go of the loaded package without freeing it: a step that was left still computes with it.</summary>
    public void Forget() => (_cached, _loaded) = (null, null);

    public void Dispose()
    {
        _loaded?.Dispose();
        _cached?.Dispose();
        (_cached, _loaded) = (null, null);
    }
}
