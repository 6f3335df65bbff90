using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Editing.Checkpoints;

/// <summary>A tensor and the name it has in a checkpoint.</summary>
public readonly record struct NamedTensor(string Name, Tensor Value)
{
    /// <summary>The parts of an embedding under the names that <see cref="Checkpoint.ReadText"/> finds them by.</summary>
    public static IEnumerable<NamedTensor> Of(string name, TextEmbedding text) =>
        text.Pooled is null ? [new(name, text.States)] : [new(name, text.States), new(Pooled(name), text.Pooled)];

    internal static string Pooled(string name) => $"{name}.pooled";
}

/// <summary>A verified checkpoint, open for reading.</summary>
public sealed class Checkpoint(CheckpointManifest manifest, SafetensorsFile tensors) : IDisposable
{
    public CheckpointManifest Manifest { get; } = manifest;

    /// <summary>A copy on <paramref name="device"/> of the tensor saved under <paramref name="name"/>; the caller's to dispose.</summary>
    public Tensor Read(string name, Device device)
    {
        using var scope = NewDisposeScope();
        return tensors.ReadTensor(name).to(device).DetachFromDisposeScope();
    }

    /// <summary>Whether a tensor was saved under <paramref name="name"/>.</summary>
    public bool Has(string name) => tensors.Entries.ContainsKey(name);

    /// <summary>A copy on <paramref name="device"/> of the embedding saved under <paramref name="name"/>; the caller's to dispose.</summary>
    public TextEmbedding ReadText(string name, Device device) =>
        new(Read(name, device), Has(NamedTensor.Pooled(name)) ? Read(NamedTensor.Pooled(name), device) : null);

    /// <summary>Copies the tensor saved under each name into the one that goes by it.</summary>
    public void CopyTo(IEnumerable<NamedTensor> targets)
    {
        foreach (var (name, value) in targets) tensors.CopyTo(name, value);
    }

    public void Dispose() => tensors.Dispose();
}
