using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/math.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor imagic_abs(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_abs_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_neg(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_neg_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_exp(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_exp_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_log(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_log_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_sqrt(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_sqrt_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_rsqrt(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_rsqrt_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_reciprocal(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_reciprocal_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_sin(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_sin_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_cos(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_cos_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_tan(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_tan_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_atan(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_atan_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_tanh(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_tanh_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_sigmoid(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_sigmoid_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_relu(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_relu_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_erf(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_erf_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_expm1(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_expm1_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_log1p(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_log1p_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_log2(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_log2_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_log10(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_log10_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_floor(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_floor_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_ceil(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_ceil_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_trunc(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_trunc_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_sign(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_sign_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_silu(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_silu_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_logical_not(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_logical_not_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_bitwise_not(Tensor x);
    [LibraryImport(Library)] internal static partial Status imagic_bitwise_not_(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_square(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_isnan(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_isinf(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_isfinite(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_nonzero(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_all(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_any(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_max(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_min(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_median(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_trace(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_round(Tensor x, long decimals);
    [LibraryImport(Library)] internal static partial Status imagic_round_(Tensor x, long decimals);
    [LibraryImport(Library)] internal static partial Tensor imagic_add(Tensor x, Tensor y, Scalar alpha);
    [LibraryImport(Library)] internal static partial Status imagic_add_(Tensor x, Tensor y, Scalar alpha);
    [LibraryImport(Library)] internal static partial Tensor imagic_add_scalar(Tensor x, Scalar y, Scalar alpha);
    [LibraryImport(Library)] internal static partial Status imagic_add_scalar_(Tensor x, Scalar y, Scalar alpha);
    [LibraryImport(Library)] internal static partial Tensor imagic_rsub_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_sub(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_sub_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_sub_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_sub_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_mul(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_mul_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_mul_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_mul_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_pow(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_pow_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_pow_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_pow_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_remainder(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_remainder_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_remainder_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_remainder_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_eq(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_eq_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_eq_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_eq_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_ne(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_ne_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_ne_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_ne_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_lt(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_lt_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_lt_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_lt_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_le(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_le_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_le_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_le_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_gt(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_gt_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_gt_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_gt_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_ge(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_ge_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_ge_scalar(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Status imagic_ge_scalar_(Tensor x, Scalar y);
    [LibraryImport(Library)] internal static partial Tensor imagic_logical_and(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_logical_and_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_logical_or(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_logical_or_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_bitwise_and(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_bitwise_and_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_bitwise_or(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_bitwise_or_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_bitwise_xor(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Status imagic_bitwise_xor_(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_maximum(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_minimum(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_outer(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_dot(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_mm(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_bmm(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_matmul(Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_div(Tensor x, Tensor y, int mode);
    [LibraryImport(Library)] internal static partial Status imagic_div_(Tensor x, Tensor y, int mode);
    [LibraryImport(Library)] internal static partial Tensor imagic_div_scalar(Tensor x, Scalar y, int mode);
    [LibraryImport(Library)] internal static partial Status imagic_div_scalar_(Tensor x, Scalar y, int mode);
    [LibraryImport(Library)] internal static partial Tensor imagic_addcmul(Tensor x, Tensor a, Tensor b, Scalar value);
    [LibraryImport(Library)] internal static partial Status imagic_addcmul_(Tensor x, Tensor a, Tensor b, Scalar value);
    [LibraryImport(Library)] internal static partial Tensor imagic_addcdiv(Tensor x, Tensor a, Tensor b, Scalar value);
    [LibraryImport(Library)] internal static partial Status imagic_addcdiv_(Tensor x, Tensor a, Tensor b, Scalar value);
    [LibraryImport(Library)] internal static partial Tensor imagic_lerp(Tensor x, Tensor end, Tensor? weight);
    [LibraryImport(Library)] internal static partial Status imagic_lerp_(Tensor x, Tensor end, Tensor? weight);
    [LibraryImport(Library)] internal static partial Tensor imagic_clamp(Tensor x, Scalar? low, Scalar? high);
    [LibraryImport(Library)] internal static partial Status imagic_clamp_(Tensor x, Scalar? low, Scalar? high);
    [LibraryImport(Library)] internal static partial Tensor imagic_clamp_tensor(Tensor x, Tensor? low, Tensor? high);
    [LibraryImport(Library)] internal static partial Status imagic_clamp_tensor_(Tensor x, Tensor? low, Tensor? high);
    [LibraryImport(Library)] internal static partial Tensor imagic_masked_fill(Tensor x, Tensor? mask, Scalar value);
    [LibraryImport(Library)] internal static partial Status imagic_masked_fill_(Tensor x, Tensor? mask, Scalar value);
    [LibraryImport(Library)] internal static partial Tensor imagic_masked_select(Tensor x, Tensor? mask);
    [LibraryImport(Library)] internal static partial Tensor imagic_where(Tensor condition, Tensor x, Tensor y);
    [LibraryImport(Library)] internal static partial Tensor imagic_tril(Tensor x, long diagonal);
    [LibraryImport(Library)] internal static partial Status imagic_tril_(Tensor x, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor imagic_triu(Tensor x, long diagonal);
    [LibraryImport(Library)] internal static partial Status imagic_triu_(Tensor x, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor imagic_isclose(
        Tensor x, Tensor y, double rtol, double atol, Flag equal_nan);
    [LibraryImport(Library)] internal static partial Flag imagic_allclose(
        Tensor x, Tensor y, double rtol, double atol, Flag equal_nan);
    [LibraryImport(Library)] internal static partial Tensor imagic_addmm(
        Tensor x, Tensor a, Tensor b, double beta, double alpha);
    [LibraryImport(Library)] internal static partial Tensor imagic_baddbmm(
        Tensor x, Tensor a, Tensor b, double beta, double alpha);
    [LibraryImport(Library)] internal static partial Tensor imagic_einsum(
        [MarshalUsing(typeof(Utf8StringMarshaller))] string equation, ReadOnlySpan<nint> operands, long count);
    [LibraryImport(Library)] internal static partial Tensor imagic_sum(Tensor x, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_sum_dims(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag keepdim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_prod(Tensor x, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_mean(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_mean_dims(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag keepdim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_std(Tensor x, Flag unbiased);
    [LibraryImport(Library)] internal static partial Tensor imagic_std_dims(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag unbiased, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_var(Tensor x, Flag unbiased);
    [LibraryImport(Library)] internal static partial Tensor imagic_var_dims(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag unbiased, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_norm(Tensor x, double p);
    [LibraryImport(Library)] internal static partial Tensor imagic_norm_dim(Tensor x, double p, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_amax(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_amin(
        Tensor x, ReadOnlySpan<long> axes, long count, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_argmax(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_argmax_dim(Tensor x, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_argmin(Tensor x);
    [LibraryImport(Library)] internal static partial Tensor imagic_argmin_dim(Tensor x, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_all_dim(Tensor x, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_any_dim(Tensor x, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_cumsum(Tensor x, long dim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_cumprod(Tensor x, long dim, int dtype);
    [LibraryImport(Library)] internal static partial Tensor imagic_logsumexp(Tensor x, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor imagic_argsort(Tensor x, long dim, Flag descending);
    [LibraryImport(Library)] internal static partial void imagic_max_dim(
        Tensor x, long dim, Flag keepdim, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial void imagic_min_dim(
        Tensor x, long dim, Flag keepdim, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial void imagic_sort(
        Tensor x, long dim, Flag descending, Flag stable, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial void imagic_topk(
        Tensor x, long k, long dim, Flag largest, Flag sorted, out Tensor values, out Tensor indices);
}
