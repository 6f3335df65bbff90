using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/attention.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor imagic_attention(
        Tensor q, Tensor k, Tensor v, Tensor? mask, double dropout, Flag causal);
}
