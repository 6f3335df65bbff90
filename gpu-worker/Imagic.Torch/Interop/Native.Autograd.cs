using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/autograd.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial Flag imagic_grad_mode();
    [LibraryImport(Library)] internal static partial void imagic_set_grad_mode(Flag enabled);
    [LibraryImport(Library)] internal static partial Flag imagic_inference_mode();
    [LibraryImport(Library)] internal static partial nint imagic_inference_mode_enter(Flag enabled);
    [LibraryImport(Library)] internal static partial void imagic_inference_mode_leave(nint guard);
    [LibraryImport(Library)] internal static partial Flag imagic_requires_grad(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_set_requires_grad(Tensor x, Flag requires_grad);
    [LibraryImport(Library)] internal static partial Flag imagic_is_leaf(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_retain_grad(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_detach(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_detach_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor? imagic_grad(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_set_grad(Tensor x, Tensor? grad);
    [LibraryImport(Library)] internal static partial Status imagic_backward(
        ReadOnlySpan<nint> roots, long root_count, ReadOnlySpan<nint> gradients, long gradient_count,
        Flag retain_graph, Flag create_graph, ReadOnlySpan<nint> inputs, long input_count);
    [LibraryImport(Library)] internal static partial long imagic_autograd_grad(
        ReadOnlySpan<nint> outputs, long output_count, ReadOnlySpan<nint> inputs, long input_count,
        ReadOnlySpan<nint> gradients, long gradient_count, Flag retain_graph, Flag create_graph, Flag allow_unused,
        Span<nint> results);
}
