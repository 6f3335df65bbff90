using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Contracts.Settings;
using Imagic.Storage;

namespace Imagic.Functions.Models;

/// <summary>What the function app has to know of a model to check an edit.</summary>
/// <param name="Side">Side of the square that it was trained on, in pixels.</param>
/// <param name="IsCascade">Whether it is a pixel cascade.</param>
public readonly record struct ModelTraits(int Side, bool IsCascade)
{
    /// <summary>Target texts that suit it.</summary>
    public ImmutableArray<string> Examples { get; init; }

    /// <summary>What it knows; null where its package does not say.</summary>
    public string? About { get; init; }
}

/// <summary>
/// The models that may be asked for, by their manifests in storage; one that only workers have is taken for what its
/// profile says. The words of those that ship with the program are built into this one.
/// </summary>
public sealed class PushedModels(StorageAccount account, FunctionsOptions options, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly VersionedBlob<ModelManifest> _manifests = new(account.Models, ContractsJsonContext.Default.ModelManifest);
    private readonly ConcurrentDictionary<string, (ModelTraits Traits, long At)> _known = [];

    /// <summary>All of them, the one that is taken by default first.</summary>
    public async Task<IReadOnlyList<(string Name, ModelTraits Traits)>> ListAsync(CancellationToken cancellationToken)
    {
        var models = new List<(string, ModelTraits)>();
        foreach (var name in options.Models) models.Add((name, await OfAsync(name, cancellationToken)));
        return models;
    }

    /// <summary>One of them.</summary>
    public async Task<ModelTraits> OfAsync(string model, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(model, out var known) && time.GetElapsedTime(known.At) < Fresh) return known.Traits;
        var at = time.GetTimestamp();
        var manifest = await ReadAsync(model, cancellationToken);
        var traits = new ModelTraits(manifest?.Side ?? EditProfile.All.GetValueOrDefault(model)?.Side ?? EditProfile.DefaultSide, manifest?.IsCascade ?? false)
        {
            Examples = manifest?.Examples ?? (Shipped(model, ModelExamples.FileName) is { } examples ? ModelExamples.Read(examples) : []),
            About = manifest is not null ? manifest.About : Shipped(model, ModelAbout.FileName) is { } about ? ModelAbout.Read(about) : null,
        };
        _known[model] = (traits, at);
        return traits;
    }

    private static string? Shipped(string model, string name)
    {
        using var file = typeof(PushedModels).Assembly.GetManifestResourceStream($"models/{model}/{name}");
        if (file is null) return null;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private async Task<ModelManifest?> ReadAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            return (await _manifests.ReadAsync(StoragePaths.ModelManifest(model), cancellationToken))?.ValueOrNull;
        }
        catch (SchemaException)
        {
            return null;
        }
    }
}
