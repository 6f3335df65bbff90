// torch.nn.functional: layers as functions of plain tensors.
#include "layers.h"

using namespace imagic;

IMAGIC_TENSOR(linear, (Handle x, Handle weight, Handle bias), imagic::linear(*x, *weight, optional_tensor(bias)))

IMAGIC_TENSOR(conv2d,
    (Handle x, Handle weight, Handle bias, const int64_t* stride, int64_t stride_count, const int64_t* padding,
        int64_t padding_count, const int64_t* dilation, int64_t dilation_count, int64_t groups),
    imagic::conv2d(*x, *weight, optional_tensor(bias), dims(stride, stride_count), dims(padding, padding_count),
        dims(dilation, dilation_count), groups))

IMAGIC_TENSOR(group_norm, (Handle x, int64_t groups, Handle weight, Handle bias, double eps),
    at::group_norm(*x, groups, optional_tensor(weight), optional_tensor(bias), eps))

IMAGIC_TENSOR(layer_norm, (Handle x, const int64_t* shape, int64_t rank, Handle weight, Handle bias, double eps),
    at::layer_norm(*x, dims(shape, rank), optional_tensor(weight), optional_tensor(bias), eps))

#if IMAGIC_TORCH_AT_LEAST(2, 2)  // before, the CPU has no fused kernel: attention.cpp
IMAGIC_TENSOR(attention, (Handle q, Handle k, Handle v, Handle mask, double dropout, bool causal),
    at::scaled_dot_product_attention(*q, *k, *v, optional_tensor(mask), dropout, causal))
#endif

IMAGIC_TENSOR(gelu, (Handle x, bool tanh), imagic::gelu(*x, tanh))
IMAGIC_STATUS(gelu_, (Handle x, bool tanh), at::gelu_(*x, tanh ? "tanh" : "none"))
IMAGIC_TENSOR(softmax, (Handle x, int64_t dim, int32_t dtype), at::softmax(*x, dim, optional_dtype(dtype)))
IMAGIC_TENSOR(log_softmax, (Handle x, int64_t dim, int32_t dtype), at::log_softmax(*x, dim, optional_dtype(dtype)))
IMAGIC_TENSOR(dropout, (Handle x, double p, bool training), at::dropout(*x, p, training))
IMAGIC_TENSOR(mse_loss, (Handle x, Handle target, int64_t reduction), at::mse_loss(*x, *target, reduction))
IMAGIC_TENSOR(l1_loss, (Handle x, Handle target, int64_t reduction), at::l1_loss(*x, *target, reduction))
IMAGIC_TENSOR(cross_entropy,
    (Handle x, Handle target, Handle weight, int64_t ignore_index, int64_t reduction, double label_smoothing),
    at::cross_entropy_loss(*x, *target, optional_tensor(weight), reduction, ignore_index, label_smoothing))
IMAGIC_TENSOR(avg_pool2d, (Handle x, const int64_t* kernel, int64_t kernel_count, const int64_t* stride,
    int64_t stride_count, const int64_t* padding, int64_t padding_count),
    at::avg_pool2d(*x, dims(kernel, kernel_count), dims(stride, stride_count), dims(padding, padding_count)))

namespace {
/// TorchSharp.PaddingModes
at::Tensor pad(const at::Tensor& x, at::IntArrayRef amounts, int32_t mode, double value) {
    switch (mode) {
        case 1: return at::pad(x, amounts, "reflect");
        case 2: return at::pad(x, amounts, "replicate");
        case 3: return at::pad(x, amounts, "circular");
        default: return at::constant_pad_nd(x, amounts, value);
    }
}

/// TorchSharp.torch.InterpolationMode. Two-dimensional images (B, C, H, W) only.
at::Tensor interpolate(const at::Tensor& x, at::OptionalIntArrayRef size, optional<at::ArrayRef<double>> scale,
    int32_t mode, bool align_corners, bool antialias) {
    switch (mode) {
        case 0: return at::upsample_nearest2d(x, size, scale);
        case 2:
            return antialias ? at::_upsample_bilinear2d_aa(x, size, align_corners, scale)
                             : at::upsample_bilinear2d(x, size, align_corners, scale);
        case 3:
            return antialias ? at::_upsample_bicubic2d_aa(x, size, align_corners, scale)
                             : at::upsample_bicubic2d(x, size, align_corners, scale);
        case 6: return at::_upsample_nearest_exact2d(x, size, scale);
        default: TORCH_CHECK(false, "interpolate: mode ", mode, " does not apply to images (B, C, H, W)");
    }
}
}  // namespace

IMAGIC_TENSOR(pad, (Handle x, const int64_t* amounts, int64_t count, int32_t mode, double value),
    pad(*x, dims(amounts, count), mode, value))

IMAGIC_TENSOR(interpolate,
    (Handle x, const int64_t* size, int64_t size_count, const double* scale, int64_t scale_count, int32_t mode,
        bool align_corners, bool antialias),
    interpolate(*x, size_count > 0 ? at::OptionalIntArrayRef(dims(size, size_count)) : at::OptionalIntArrayRef(),
        scale_count > 0 ? optional<at::ArrayRef<double>>({scale, static_cast<size_t>(scale_count)}) : none, mode,
        align_corners, antialias))
