// Arithmetic, comparison, reduction, matrix products.
#include "shim.h"

using namespace imagic;

#define UNARY(name) IMAGIC_TENSOR(name, (Handle x), at::name(*x))
#define UNARY_INPLACE(name) UNARY(name) IMAGIC_STATUS(name##_, (Handle x), x->name##_())

UNARY_INPLACE(abs)
UNARY_INPLACE(neg)
UNARY_INPLACE(exp)
UNARY_INPLACE(log)
UNARY_INPLACE(sqrt)
UNARY_INPLACE(rsqrt)
UNARY_INPLACE(reciprocal)
UNARY_INPLACE(sin)
UNARY_INPLACE(cos)
UNARY_INPLACE(tan)
UNARY_INPLACE(atan)
UNARY_INPLACE(tanh)
UNARY_INPLACE(sigmoid)
UNARY_INPLACE(relu)
UNARY_INPLACE(erf)
UNARY_INPLACE(expm1)
UNARY_INPLACE(log1p)
UNARY_INPLACE(log2)
UNARY_INPLACE(log10)
UNARY_INPLACE(floor)
UNARY_INPLACE(ceil)
UNARY_INPLACE(trunc)
UNARY_INPLACE(sign)
UNARY(silu) IMAGIC_STATUS(silu_, (Handle x), at::silu_(*x))
UNARY_INPLACE(logical_not)
UNARY_INPLACE(bitwise_not)
UNARY(square)
UNARY(isnan)
UNARY(isinf)
UNARY(isfinite)
UNARY(nonzero)
UNARY(all)
UNARY(any)
UNARY(max)
UNARY(min)
UNARY(median)
UNARY(trace)

IMAGIC_TENSOR(round, (Handle x, int64_t decimals), at::round(*x, decimals))
IMAGIC_STATUS(round_, (Handle x, int64_t decimals), x->round_(decimals))

#define BINARY(name) IMAGIC_TENSOR(name, (Handle x, Handle y), at::name(*x, *y))
#define BINARY_INPLACE(name) BINARY(name) IMAGIC_STATUS(name##_, (Handle x, Handle y), x->name##_(*y))
#define WITH_SCALAR(name) IMAGIC_TENSOR(name##_scalar, (Handle x, ScalarArg y), at::name(*x, y.value()))
#define WITH_SCALAR_INPLACE(name) \
    WITH_SCALAR(name) IMAGIC_STATUS(name##_scalar_, (Handle x, ScalarArg y), x->name##_(y.value()))

IMAGIC_TENSOR(add, (Handle x, Handle y, ScalarArg alpha), at::add(*x, *y, alpha.value()))
IMAGIC_STATUS(add_, (Handle x, Handle y, ScalarArg alpha), x->add_(*y, alpha.value()))
IMAGIC_TENSOR(add_scalar, (Handle x, ScalarArg y, ScalarArg alpha), at::add(*x, y.value(), alpha.value()))
IMAGIC_STATUS(add_scalar_, (Handle x, ScalarArg y, ScalarArg alpha), x->add_(y.value(), alpha.value()))
IMAGIC_TENSOR(rsub_scalar, (Handle x, ScalarArg y), at::rsub(*x, y.value()))
BINARY_INPLACE(sub) WITH_SCALAR_INPLACE(sub)
BINARY_INPLACE(mul) WITH_SCALAR_INPLACE(mul)
BINARY_INPLACE(pow) WITH_SCALAR_INPLACE(pow)
BINARY_INPLACE(remainder) WITH_SCALAR_INPLACE(remainder)
BINARY_INPLACE(eq) WITH_SCALAR_INPLACE(eq)
BINARY_INPLACE(ne) WITH_SCALAR_INPLACE(ne)
BINARY_INPLACE(lt) WITH_SCALAR_INPLACE(lt)
BINARY_INPLACE(le) WITH_SCALAR_INPLACE(le)
BINARY_INPLACE(gt) WITH_SCALAR_INPLACE(gt)
BINARY_INPLACE(ge) WITH_SCALAR_INPLACE(ge)
BINARY_INPLACE(logical_and)
BINARY_INPLACE(logical_or)
BINARY_INPLACE(bitwise_and)
BINARY_INPLACE(bitwise_or)
BINARY_INPLACE(bitwise_xor)
BINARY(maximum)
BINARY(minimum)
BINARY(outer)
BINARY(dot)
BINARY(mm)
BINARY(bmm)
BINARY(matmul)

namespace {
/// x / y, rounded as TorchSharp.torch.RoundingMode says.
template <class T>
at::Tensor divide(const at::Tensor& x, const T& y, int32_t mode) {
    switch (mode) {
        case 1: return at::div(x, y, "trunc");
        case 2: return at::div(x, y, "floor");
        default: return at::div(x, y);
    }
}

template <class T>
void divide_in_place(at::Tensor& x, const T& y, int32_t mode) {
    switch (mode) {
        case 1: x.div_(y, "trunc"); break;
        case 2: x.div_(y, "floor"); break;
        default: x.div_(y);
    }
}
}  // namespace

IMAGIC_TENSOR(div, (Handle x, Handle y, int32_t mode), divide(*x, *y, mode))
IMAGIC_STATUS(div_, (Handle x, Handle y, int32_t mode), divide_in_place(*x, *y, mode))
IMAGIC_TENSOR(div_scalar, (Handle x, ScalarArg y, int32_t mode), divide(*x, y.value(), mode))
IMAGIC_STATUS(div_scalar_, (Handle x, ScalarArg y, int32_t mode), divide_in_place(*x, y.value(), mode))

IMAGIC_TENSOR(addcmul, (Handle x, Handle a, Handle b, ScalarArg value), at::addcmul(*x, *a, *b, value.value()))
IMAGIC_STATUS(addcmul_, (Handle x, Handle a, Handle b, ScalarArg value), x->addcmul_(*a, *b, value.value()))
IMAGIC_TENSOR(addcdiv, (Handle x, Handle a, Handle b, ScalarArg value), at::addcdiv(*x, *a, *b, value.value()))
IMAGIC_STATUS(addcdiv_, (Handle x, Handle a, Handle b, ScalarArg value), x->addcdiv_(*a, *b, value.value()))
IMAGIC_TENSOR(lerp, (Handle x, Handle end, Handle weight), at::lerp(*x, *end, *weight))
IMAGIC_STATUS(lerp_, (Handle x, Handle end, Handle weight), x->lerp_(*end, *weight))
IMAGIC_TENSOR(clamp, (Handle x, ScalarArg low, ScalarArg high), at::clamp(*x, low.optional(), high.optional()))
IMAGIC_STATUS(clamp_, (Handle x, ScalarArg low, ScalarArg high), x->clamp_(low.optional(), high.optional()))
IMAGIC_TENSOR(clamp_tensor, (Handle x, Handle low, Handle high),
    at::clamp(*x, optional_tensor(low), optional_tensor(high)))
IMAGIC_STATUS(clamp_tensor_, (Handle x, Handle low, Handle high),
    x->clamp_(optional_tensor(low), optional_tensor(high)))
IMAGIC_TENSOR(masked_fill, (Handle x, Handle mask, ScalarArg value), at::masked_fill(*x, *mask, value.value()))
IMAGIC_STATUS(masked_fill_, (Handle x, Handle mask, ScalarArg value), x->masked_fill_(*mask, value.value()))
IMAGIC_TENSOR(masked_select, (Handle x, Handle mask), at::masked_select(*x, *mask))
IMAGIC_TENSOR(where, (Handle condition, Handle x, Handle y), at::where(*condition, *x, *y))
IMAGIC_TENSOR(tril, (Handle x, int64_t diagonal), at::tril(*x, diagonal))
IMAGIC_STATUS(tril_, (Handle x, int64_t diagonal), x->tril_(diagonal))
IMAGIC_TENSOR(triu, (Handle x, int64_t diagonal), at::triu(*x, diagonal))
IMAGIC_STATUS(triu_, (Handle x, int64_t diagonal), x->triu_(diagonal))
IMAGIC_TENSOR(isclose, (Handle x, Handle y, double rtol, double atol, bool equal_nan),
    at::isclose(*x, *y, rtol, atol, equal_nan))

IMAGIC_EXPORT bool imagic_allclose(Handle x, Handle y, double rtol, double atol, bool equal_nan) {
    return guarded(false, [&] { return at::allclose(*x, *y, rtol, atol, equal_nan); });
}

IMAGIC_TENSOR(addmm, (Handle x, Handle a, Handle b, double beta, double alpha), at::addmm(*x, *a, *b, beta, alpha))
IMAGIC_TENSOR(baddbmm, (Handle x, Handle a, Handle b, double beta, double alpha), at::baddbmm(*x, *a, *b, beta, alpha))
IMAGIC_TENSOR(einsum, (const char* equation, const Handle* operands, int64_t count),
    at::einsum(equation, tensors(operands, count)))

IMAGIC_TENSOR(sum, (Handle x, int32_t dtype), at::sum(*x, optional_dtype(dtype)))
IMAGIC_TENSOR(sum_dims, (Handle x, const int64_t* axes, int64_t count, bool keepdim, int32_t dtype),
    at::sum(*x, dims(axes, count), keepdim, optional_dtype(dtype)))
IMAGIC_TENSOR(prod, (Handle x, int32_t dtype), at::prod(*x, optional_dtype(dtype)))
IMAGIC_TENSOR(mean, (Handle x), at::mean(*x))
IMAGIC_TENSOR(mean_dims, (Handle x, const int64_t* axes, int64_t count, bool keepdim, int32_t dtype),
    at::mean(*x, dims(axes, count), keepdim, optional_dtype(dtype)))
IMAGIC_TENSOR(std, (Handle x, bool unbiased), at::std(*x, unbiased))
IMAGIC_TENSOR(std_dims, (Handle x, const int64_t* axes, int64_t count, bool unbiased, bool keepdim),
    at::std(*x, dims(axes, count), unbiased, keepdim))
IMAGIC_TENSOR(var, (Handle x, bool unbiased), at::var(*x, unbiased))
IMAGIC_TENSOR(var_dims, (Handle x, const int64_t* axes, int64_t count, bool unbiased, bool keepdim),
    at::var(*x, dims(axes, count), unbiased, keepdim))
IMAGIC_TENSOR(norm, (Handle x, double p), at::norm(*x, p))
IMAGIC_TENSOR(norm_dim, (Handle x, double p, int64_t dim, bool keepdim), at::norm(*x, p, {dim}, keepdim))
IMAGIC_TENSOR(amax, (Handle x, const int64_t* axes, int64_t count, bool keepdim),
    at::amax(*x, dims(axes, count), keepdim))
IMAGIC_TENSOR(amin, (Handle x, const int64_t* axes, int64_t count, bool keepdim),
    at::amin(*x, dims(axes, count), keepdim))
IMAGIC_TENSOR(argmax, (Handle x), at::argmax(*x))
IMAGIC_TENSOR(argmax_dim, (Handle x, int64_t dim, bool keepdim), at::argmax(*x, dim, keepdim))
IMAGIC_TENSOR(argmin, (Handle x), at::argmin(*x))
IMAGIC_TENSOR(argmin_dim, (Handle x, int64_t dim, bool keepdim), at::argmin(*x, dim, keepdim))
IMAGIC_TENSOR(all_dim, (Handle x, int64_t dim, bool keepdim), at::all(*x, dim, keepdim))
IMAGIC_TENSOR(any_dim, (Handle x, int64_t dim, bool keepdim), at::any(*x, dim, keepdim))
IMAGIC_TENSOR(cumsum, (Handle x, int64_t dim, int32_t dtype), at::cumsum(*x, dim, optional_dtype(dtype)))
IMAGIC_TENSOR(cumprod, (Handle x, int64_t dim, int32_t dtype), at::cumprod(*x, dim, optional_dtype(dtype)))
IMAGIC_TENSOR(logsumexp, (Handle x, int64_t dim, bool keepdim), at::logsumexp(*x, {dim}, keepdim))
IMAGIC_TENSOR(argsort, (Handle x, int64_t dim, bool descending), at::argsort(*x, dim, descending))

IMAGIC_EXPORT void imagic_max_dim(Handle x, int64_t dim, bool keepdim, Handle* values, Handle* indices) {
    tensor_pair(values, indices, [&] { return at::max(*x, dim, keepdim); });
}
IMAGIC_EXPORT void imagic_min_dim(Handle x, int64_t dim, bool keepdim, Handle* values, Handle* indices) {
    tensor_pair(values, indices, [&] { return at::min(*x, dim, keepdim); });
}
IMAGIC_EXPORT void imagic_sort(
    Handle x, int64_t dim, bool descending, bool stable, Handle* values, Handle* indices) {
    tensor_pair(values, indices, [&] { return at::sort(*x, stable, dim, descending); });
}
IMAGIC_EXPORT void imagic_topk(
    Handle x, int64_t k, int64_t dim, bool largest, bool sorted, Handle* values, Handle* indices) {
    tensor_pair(values, indices, [&] { return at::topk(*x, k, dim, largest, sorted); });
}
