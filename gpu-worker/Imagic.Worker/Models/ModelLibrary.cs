using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Models;

/// <summary>
/// The model packages that a worker can use, by name: folders of this machine first, then packages in blob storage,
/// which are fetched once and verified. The package used last stays loaded: successive stages mostly want the same.
/// </summary>
internal sealed class ModelLibrary(ModelStore store, WorkerOptions options, TimeProvider time, ILogger<ModelLibrary> logger) : IDisposable
{
    private readonly ModelCache _cache = new(
        store, Path.Combine(options.CacheFolder, "models"), options.CacheBytes, time, logger);

    private CachedModel? _cached;
    private LoadedModels? _loaded;
    private string? _name;

    /// <summary>Gives a package, ready to compute.</summary>
    /// <exception cref="BadInputException">There is no package of that name.</exception>
    /// <exception cref="ModelPackageException">It cannot be used.</exception>
    public async Task<LoadedModels> LoadAsync(string name, CancellationToken cancellationToken)
    {
        if (_loaded is not null && _name == name) return _loaded;
        Dispose();
        (_cached, _loaded, _name) = (null, null, null);
        if (ModelFolders.Find(name, options.ModelsFolder) is not { } folder)
        {
            _cached = await _cache.OpenAsync(name, cancellationToken)
                ?? throw new BadInputException($"There is no model '{name}', neither on the worker nor in storage.");
            folder = _cached.Folder;
        }

        var package = ModelPackage.Open(folder);
        if (package.Verify().Components.FirstOrDefault(component => component.Problem is not null) is { } broken)
            throw new ModelPackageException(folder, $"{broken.Name} cannot be used. {broken.Problem}");
        (_loaded, _name) = (new(package, options.Compute.Dtype, options.Compute.Device), name);
        return _loaded;
    }

    public void Dispose()
    {
        _loaded?.Dispose();
        _cached?.Dispose();
    }
}
