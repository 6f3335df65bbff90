using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>One tensor of a safetensors file: what it is and where its bytes are.</summary>
/// <param name="Name">Key, e.g. <c>conv_in.weight</c>.</param>
/// <param name="Dtype">Element type on disk.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the end of the header.</param>
/// <param name="Count">Number of elements.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Dtype, long[] Shape, long Offset, long Count)
{
    /// <summary>Bytes on disk.</summary>
    public long ByteCount => Count * SafetensorsDtype.ElementSize(Dtype);
}
