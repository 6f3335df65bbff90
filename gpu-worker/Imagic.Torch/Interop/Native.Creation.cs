using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/creation.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor imagic_empty(
        ReadOnlySpan<long> size, long rank, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_zeros(
        ReadOnlySpan<long> size, long rank, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_ones(
        ReadOnlySpan<long> size, long rank, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_full(
        ReadOnlySpan<long> size, long rank, Scalar value, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_eye(long rows, long columns, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_arange(
        Scalar start, Scalar stop, Scalar step, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_linspace(
        double start, double end, long steps, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_empty_like(Tensor x, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_zeros_like(Tensor x, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_ones_like(Tensor x, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_full_like(
        Tensor x, Scalar value, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_rand_like(Tensor x, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_randn_like(Tensor x, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_rand(
        ReadOnlySpan<long> size, long rank, Generator? generator, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_randn(
        ReadOnlySpan<long> size, long rank, Generator? generator, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_randint(
        long low, long high, ReadOnlySpan<long> size, long rank, Generator? generator, NativeOptions options);
    [LibraryImport(Library)] internal static partial Tensor imagic_randperm(
        long n, Generator? generator, NativeOptions options);
    [LibraryImport(Library)] internal static partial Status imagic_normal_(
        Tensor x, double mean, double std, Generator? generator);
    [LibraryImport(Library)] internal static partial Status imagic_uniform_(
        Tensor x, double from, double to, Generator? generator);
    [LibraryImport(Library)] internal static unsafe partial Tensor imagic_from_memory(
        void* data, int source, ReadOnlySpan<long> size, long rank, NativeOptions options);
}
