using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Native.imagic_sum(this, type.Code());

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            sum(dim.AsSpan(), keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Native.imagic_sum_dims(this, dim, dim.Length, keepdim, type.Code());

        public Tensor prod(ScalarType? type = null) => Native.imagic_prod(this, type.Code());

        public Tensor mean() => Native.imagic_mean(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Native.imagic_mean_dims(this, dimensions, dimensions.Length, keepdim, type.Code());

        public Tensor std(bool unbiased = true) => Native.imagic_std(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Native.imagic_std_dims(As(type), dimensions, dimensions.Length, unbiased, keepdim);

        public Tensor var(bool unbiased = true) => Native.imagic_var(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Native.imagic_var_dims(As(type), dimensions, dimensions.Length, unbiased, keepdim);

        public Tensor norm(float p = 2) => Native.imagic_norm(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Native.imagic_norm_dim(this, p, dim, keepdim);

        public Tensor amax(params long[] dims) => Native.imagic_amax(this, dims, dims.Length, keepdim: false);

        public Tensor amin(params long[] dims) => Native.imagic_amin(this, dims, dims.Length, keepdim: false);

        public Tensor argmax() => Native.imagic_argmax(this);

        public Tensor argmax(long dim, bool keepdim = false) => Native.imagic_argmax_dim(this, dim, keepdim);

        public Tensor argmin() => Native.imagic_argmin(this);

        public Tensor argmin(long dim, bool keepdim = false) => Native.imagic_argmin_dim(this, dim, keepdim);

        public Tensor all(long dim, bool keepdim = false) => Native.imagic_all_dim(this, dim, keepdim);

        public Tensor any(long dim, bool keepdim = false) => Native.imagic_any_dim(this, dim, keepdim);

        public Tensor cumsum(long dim, ScalarType? type = null) => Native.imagic_cumsum(this, dim, type.Code());

        public Tensor cumprod(long dim, ScalarType? type = null) => Native.imagic_cumprod(this, dim, type.Code());

        public Tensor logsumexp(long dim, bool keepdim = false) => Native.imagic_logsumexp(this, dim, keepdim);

        public Tensor argsort(long dim = -1, bool descending = false) => Native.imagic_argsort(this, dim, descending);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            Native.imagic_max_dim(this, dim, keepdim, out var values, out var indices);
            return (values, indices);
        }

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            Native.imagic_min_dim(this, dim, keepdim, out var values, out var indices);
            return (values, indices);
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            Native.imagic_sort(this, dim, descending, stable, out var values, out var indices);
            return (values, indices);
        }

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            Native.imagic_topk(this, k, dim, largest, sorted, out var values, out var indices);
            return (values, indices);
        }

        Tensor As(ScalarType? type) => type is { } given ? to_type(given) : this;
    }
}
