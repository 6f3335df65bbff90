using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Imagic.Worker.Models;

/// <summary>What the UNet computes in.</summary>
public enum Precision
{
    /// <summary>float32.</summary>
    [JsonStringEnumMemberName("float32")]
    Float32,

    /// <summary>bfloat16 with float32 masters; needs a GPU that knows it to be fast.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}

/// <summary>Precisions as tensors have them.</summary>
public static class Precisions
{
    /// <summary>The tensors' type.</summary>
    public static ScalarType ToScalarType(this Precision precision) => precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
