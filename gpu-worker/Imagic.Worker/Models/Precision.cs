using System.Text.Json.Serialization;

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
