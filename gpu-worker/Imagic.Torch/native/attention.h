// The CPU kernels behind attention.cpp. All tensors float32; bias broadcasts to (B, H, T, S) or is undefined.
#pragma once

#include "shim.h"

#include <tuple>

namespace imagic {

/// Returns the output (B, H, T, e), laid out as (B, T, H, e), and the log-sum-exp of each row of scores (B, H, T).
std::tuple<at::Tensor, at::Tensor> attention_forward(at::Tensor q, at::Tensor k, at::Tensor v, at::Tensor bias);

/// Returns the gradients of q, k and v from that of the output. The bias gets none.
std::tuple<at::Tensor, at::Tensor, at::Tensor> attention_backward(at::Tensor grad_out, at::Tensor q, at::Tensor k,
    at::Tensor v, at::Tensor bias, const at::Tensor& out, const at::Tensor& lse);

}  // namespace imagic
