namespace Imagic.Worker.Models;

/// <summary>What the UNet computes in.</summary>
public enum Precision
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16 with float32 masters; needs a GPU that knows it to be fast.</summary>
    BFloat16,
}
