using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Editing.Checkpoints;

/// <summary>A verified checkpoint, open for reading.</summary>
public sealed class Checkpoint(CheckpointManifest manifest, SafetensorsFile tensors) : IDisposable
{
    /// <summary>What it is.</summary>
    public CheckpointManifest Manifest { get; } = manifest;

    /// <summary>A copy on <paramref name="device"/> of the tensor saved under <paramref name="name"/>; the caller's to dispose.</summary>
    public Tensor Read(string name, Device device)
    {
        using var scope = NewDisposeScope();
        return tensors.ReadTensor(name).to(device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => tensors.Dispose();
}
