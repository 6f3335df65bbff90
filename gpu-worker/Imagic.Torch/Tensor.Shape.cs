using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor T => permute([.. Enumerable.Range(0, (int)ndim).Reverse().Select(i => (long)i)]);

        public Tensor mT => transpose(-2, -1);

        public Tensor view(params long[] shape) => Native.imagic_view(this, shape, shape.Length);

        public Tensor view_as(Tensor other) => view(other.shape);

        public Tensor reshape(params long[] shape) => Native.imagic_reshape(this, shape, shape.Length);

        public Tensor permute(params long[] permutation) =>
            Native.imagic_permute(this, permutation, permutation.Length);

        public Tensor transpose(long dim0, long dim1) => Native.imagic_transpose(this, dim0, dim1);

        public Tensor t() => Native.imagic_t(this);

        public Tensor contiguous() => Native.imagic_contiguous(this);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.imagic_flatten(this, start_dim, end_dim);

        /// <summary>Counts dimensions from the front only, as TorchSharp does here and nowhere else.</summary>
        public Tensor unflatten(long dim, params long[] sizes) => dim >= 0 && dim < ndim
            ? Native.imagic_unflatten(this, dim, sizes, sizes.Length)
            : throw new ArgumentException($"unflatten: {this} has no dimension {dim}.", nameof(dim));

        public Tensor squeeze(long? dim = null) =>
            dim is { } axis ? Native.imagic_squeeze_dim(this, axis) : Native.imagic_squeeze(this);

        public Tensor unsqueeze(long dim) => Native.imagic_unsqueeze(this, dim);

        public Tensor narrow(long dim, long start, long length) => Native.imagic_narrow(this, dim, start, length);

        public Tensor select(long dim, long index) => Native.imagic_select(this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Native.imagic_slice(this, dim, start, finish, step);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Native.imagic_diagonal(this, offset, dim1, dim2);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) =>
            Native.imagic_as_strided(this, size, size.Length, strides, storageOffset);

        public Tensor alias() => Native.imagic_alias(this);

        public Tensor expand(params long[] sizes) => Native.imagic_expand(this, sizes, sizes.Length);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            isImplicit ? throw new NotSupportedException("expand: isImplicit is libtorch's own business.")
                : Native.imagic_expand(this, sizes, sizes.Length);

        public Tensor expand_as(Tensor other) => expand(other.shape);

        public Tensor broadcast_to(params long[] shape) => expand(shape);

        public Tensor repeat(params long[] sizes) => Native.imagic_repeat(this, sizes, sizes.Length);

        public Tensor tile(long[] reps) => Native.imagic_tile(this, reps, reps.Length);

        public Tensor flip(params long[] dims) => Native.imagic_flip(this, dims, dims.Length);

        public Tensor roll(long shifts, long? dims = null) =>
            Native.imagic_roll(this, [shifts], 1, dims is { } axis ? [axis] : [], dims is null ? 0 : 1);

        public Tensor roll(long[] shifts, long[] dims) =>
            Native.imagic_roll(this, shifts, shifts.Length, dims, dims.Length);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            output_size is not null
                ? throw new NotSupportedException("repeat_interleave: output_size follows from repeats.")
                : Native.imagic_repeat_interleave(this, repeats, dim ?? 0, dim is not null);

        public Tensor index_select(long dim, Tensor index) => Native.imagic_index_select(this, dim, index);

        public Tensor gather(long dim, Tensor index) => Native.imagic_gather(this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Native.imagic_scatter(this, dim, index, src);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            Native.imagic_index_add_(this, dim, index, source, alpha);
            return this;
        }

        public Tensor index_copy_(long dim, Tensor index, Tensor source)
        {
            Native.imagic_index_copy_(this, dim, index, source);
            return this;
        }

        public Tensor[] chunk(long chunks, long dim = 0) =>
            TensorList.Collect(chunks, results => Native.imagic_chunk(this, chunks, dim, results, chunks));

        public Tensor[] split(long size, int dim = 0)
        {
            var most = Math.Max(1, (this.size(dim) + size - 1) / Math.Max(1, size));
            return TensorList.Collect(most, results => Native.imagic_split(this, size, dim, results, most));
        }

        public Tensor[] split(long[] sizes, long dim = 0) => TensorList.Collect(sizes.Length,
            results => Native.imagic_split_with_sizes(this, sizes, sizes.Length, dim, results, sizes.Length));

        public Tensor[] unbind(long dimension = 0)
        {
            var count = size((int)dimension);
            return TensorList.Collect(count, results => Native.imagic_unbind(this, dimension, results, count));
        }
    }
}
