// The layers that have kernels of our own for float32 on the CPU with an older libtorch, see CMakeLists.txt. Everything
// else goes to libtorch.
#pragma once

#include "shim.h"

namespace imagic {

#if !IMAGIC_TORCH_AT_LEAST(2, 2)

/// y = x·Wᵀ + b over the last dimension.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& bias);

/// x (B, C, H, W), weight (O, C/groups, h, w).
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& bias,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups);

/// x·Φ(x), Φ the distribution function of the normal distribution, or its approximation by tanh.
at::Tensor gelu(const at::Tensor& x, bool tanh);

/// Whether our kernels can read the tensor.
inline bool plain(const at::Tensor& x) {
    return x.is_cpu() && x.layout() == at::kStrided && x.scalar_type() == at::kFloat && x.numel() > 0;
}

inline bool needs_gradient(const at::Tensor& x) { return at::GradMode::is_enabled() && x.requires_grad(); }

#else

inline at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& bias) {
    return at::linear(x, weight, bias);
}

inline at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& bias,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
    return at::conv2d(x, weight, bias, stride, padding, dilation, groups);
}

inline at::Tensor gelu(const at::Tensor& x, bool tanh) { return at::gelu(x, tanh ? "tanh" : "none"); }

#endif

}  // namespace imagic
