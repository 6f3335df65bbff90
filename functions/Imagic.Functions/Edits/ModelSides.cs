using System.Collections.Concurrent;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Contracts.Settings;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>The size at which each model works. Manifests tell it; a model that only workers have is taken for what its profile says.</summary>
public sealed class ModelSides(StorageAccount account, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly VersionedBlob<ModelManifest> _manifests = new(account.Models, ContractsJsonContext.Default.ModelManifest);
    private readonly ConcurrentDictionary<string, (int Side, long At)> _sides = [];

    /// <summary>Side of the square that a model was trained on, in pixels.</summary>
    public async Task<int> OfAsync(string model, CancellationToken cancellationToken)
    {
        if (_sides.TryGetValue(model, out var known) && time.GetElapsedTime(known.At) < Fresh) return known.Side;
        var at = time.GetTimestamp();
        var side = await ReadAsync(model, cancellationToken) ?? EditProfile.All.GetValueOrDefault(model)?.Side ?? EditProfile.DefaultSide;
        _sides[model] = (side, at);
        return side;
    }

    private async Task<int?> ReadAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            return (await _manifests.ReadAsync(StoragePaths.ModelManifest(model), cancellationToken))?.ValueOrNull?.Side;
        }
        catch (SchemaException)
        {
            return null;
        }
    }
}
