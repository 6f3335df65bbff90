using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/shape.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial long imagic_dim(Tensor x);
    [LibraryImport(Library)] internal static partial long imagic_numel(Tensor x);
    [LibraryImport(Library)] internal static partial int imagic_dtype(Tensor x);
    [LibraryImport(Library)] internal static partial long imagic_element_size(Tensor x);
    [LibraryImport(Library)] internal static partial NativeDevice imagic_device(Tensor x);
    [LibraryImport(Library)] internal static partial Flag imagic_is_contiguous(Tensor x);
    [LibraryImport(Library)] internal static partial Flag imagic_is_pinned(Tensor x);
    [LibraryImport(Library)] internal static partial long imagic_storage_offset(Tensor x);
    [LibraryImport(Library)] internal static partial void imagic_sizes(Tensor x, Span<long> results);
    [LibraryImport(Library)] internal static partial void imagic_strides(Tensor x, Span<long> results);
    [LibraryImport(Library)] internal static partial nint imagic_data(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_view(Tensor x, ReadOnlySpan<long> shape, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_reshape(
        Tensor x, ReadOnlySpan<long> shape, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_permute(
        Tensor x, ReadOnlySpan<long> order, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_expand(Tensor x, ReadOnlySpan<long> size, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_repeat(
        Tensor x, ReadOnlySpan<long> times, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_tile(Tensor x, ReadOnlySpan<long> times, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_flip(Tensor x, ReadOnlySpan<long> axes, long count);
    [LibraryImport(Library)] internal static partial Tensor imagic_roll(
        Tensor x, ReadOnlySpan<long> shifts, long shift_count, ReadOnlySpan<long> axes, long axis_count);
    [LibraryImport(Library)] internal static partial Tensor imagic_as_strided(
        Tensor x, ReadOnlySpan<long> size, long rank, ReadOnlySpan<long> strides, long offset);
    [LibraryImport(Library)] internal static partial Tensor imagic_transpose(Tensor x, long a, long b);
    [LibraryImport(Library)] internal static partial Tensor imagic_t(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_contiguous(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_flatten(Tensor x, long start, long end);
    [LibraryImport(Library)] internal static partial Tensor imagic_unflatten(
        Tensor x, long dim, ReadOnlySpan<long> size, long rank);
    [LibraryImport(Library)] internal static partial Tensor imagic_squeeze(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_squeeze_dim(Tensor x, long dim);
    [LibraryImport(Library)] internal static partial Tensor imagic_unsqueeze(Tensor x, long dim);
    [LibraryImport(Library)] internal static partial Tensor imagic_narrow(Tensor x, long dim, long start, long length);
    [LibraryImport(Library)] internal static partial Tensor imagic_select(Tensor x, long dim, long index);
    [LibraryImport(Library)] internal static partial Tensor imagic_slice(
        Tensor x, long dim, long start, long end, long step);
    [LibraryImport(Library)] internal static partial Tensor imagic_diagonal(
        Tensor x, long offset, long dim1, long dim2);
    [LibraryImport(Library)] internal static partial Tensor imagic_alias(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_index_select(Tensor x, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor imagic_gather(Tensor x, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor imagic_scatter(
        Tensor x, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Status imagic_index_add_(
        Tensor x, long dim, Tensor index, Tensor source, Scalar alpha);
    [LibraryImport(Library)] internal static partial Status imagic_index_copy_(
        Tensor x, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor imagic_repeat_interleave(
        Tensor x, long repeats, long dim, Flag has_dim);
    [LibraryImport(Library)] internal static partial Tensor imagic_cat(ReadOnlySpan<nint> parts, long count, long dim);
    [LibraryImport(Library)] internal static partial Tensor imagic_stack(
        ReadOnlySpan<nint> parts, long count, long dim);
    [LibraryImport(Library)] internal static partial long imagic_chunk(
        Tensor x, long chunks, long dim, Span<nint> results, long capacity);
    [LibraryImport(Library)] internal static partial long imagic_split(
        Tensor x, long size, long dim, Span<nint> results, long capacity);
    [LibraryImport(Library)] internal static partial long imagic_split_with_sizes(
        Tensor x, ReadOnlySpan<long> sizes, long count, long dim, Span<nint> results, long capacity);
    [LibraryImport(Library)] internal static partial long imagic_unbind(
        Tensor x, long dim, Span<nint> results, long capacity);
    [LibraryImport(Library)] internal static partial long imagic_meshgrid(
        ReadOnlySpan<nint> axes, long count, Flag xy, Span<nint> results, long capacity);
    [LibraryImport(Library)] internal static partial Tensor imagic_clone(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_pin_memory(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_to(
        Tensor x, int dtype, Device? device, Flag non_blocking, Flag copy);
    [LibraryImport(Library)] internal static partial Status imagic_copy_(Tensor x, Tensor source, Flag non_blocking);
    [LibraryImport(Library)] internal static partial Status imagic_set_(Tensor x, Tensor source);
    [LibraryImport(Library)] internal static partial Status imagic_fill_(Tensor x, Scalar value);
    [LibraryImport(Library)] internal static partial Status imagic_zero_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_index(
        Tensor x, ReadOnlySpan<NativeIndex> entries, long count);
    [LibraryImport(Library)] internal static partial Status imagic_index_put_(
        Tensor x, ReadOnlySpan<NativeIndex> entries, long count, Tensor value);
    [LibraryImport(Library)] internal static partial Status imagic_index_put_scalar_(
        Tensor x, ReadOnlySpan<NativeIndex> entries, long count, Scalar value);
}
