using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/functional.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor imagic_linear(Tensor x, Tensor? weight, Tensor? bias);
    [LibraryImport(Library)] internal static partial Tensor imagic_conv2d(
        Tensor x, Tensor? weight, Tensor? bias, ReadOnlySpan<long> stride, long stride_count,
        ReadOnlySpan<long> padding, long padding_count, ReadOnlySpan<long> dilation, long dilation_count,
        long groups);
    [LibraryImport(Library)] internal static partial Tensor imagic_group_norm(
        Tensor x, long groups, Tensor? weight, Tensor? bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor imagic_layer_norm(
        Tensor x, ReadOnlySpan<long> shape, long rank, Tensor? weight, Tensor? bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor imagic_gelu(Tensor x, Flag tanh);
    [LibraryImport(Library)] internal static partial Status imagic_gelu_(Tensor x, Flag tanh);
    [LibraryImport(Library)] internal static partial Tensor imagic_softmax(Tensor x, long dim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_log_softmax(Tensor x, long dim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_dropout(Tensor x, double p, Flag training);
    [LibraryImport(Library)] internal static partial Tensor imagic_mse_loss(Tensor x, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor imagic_l1_loss(Tensor x, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor imagic_cross_entropy(
        Tensor x, Tensor target, Tensor? weight, long ignore_index, long reduction, double label_smoothing);
    [LibraryImport(Library)] internal static partial Tensor imagic_avg_pool2d(
        Tensor x, ReadOnlySpan<long> kernel, long kernel_count, ReadOnlySpan<long> stride, long stride_count,
        ReadOnlySpan<long> padding, long padding_count);
    [LibraryImport(Library)] internal static partial Tensor imagic_pad(
        Tensor x, ReadOnlySpan<long> amounts, long count, int mode, double value);
    [LibraryImport(Library)] internal static partial Tensor imagic_interpolate(
        Tensor x, ReadOnlySpan<long> size, long size_count, ReadOnlySpan<double> scale, long scale_count, int mode,
        Flag align_corners, Flag antialias);
}
