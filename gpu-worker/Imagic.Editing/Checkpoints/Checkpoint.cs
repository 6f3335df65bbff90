using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Editing.Checkpoints;

/// <summary>A tensor and the name it has in a checkpoint.</summary>
public readonly record struct NamedTensor(string Name, Tensor Value);

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

    /// <summary>Copies the tensor saved under each name into the one that goes by it.</summary>
    public void CopyTo(IEnumerable<NamedTensor> targets)
    {
        foreach (var (name, value) in targets) tensors.CopyTo(name, value);
    }

    public void Dispose() => tensors.Dispose();
}
