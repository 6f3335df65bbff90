// Scaled dot-product attention: softmax(q kᵀ / √d + mask) v for q (B, H, T, d), k (B, H, S, d) and v (B, H, S, e).
//
// Newer libtorch has a fused one (see functional.cpp). The composition that 1.13 would need writes the scores
// (B, H, T, S) to memory several times and keeps them for the backward pass. Here, for float32 on the CPU, a block of
// query rows is taken through all steps while its scores are in cache, and the backward pass computes them again from
// the log-sum-exp of each row (Dao et al., "FlashAttention", arXiv 2205.14135; keys are not split, as a block's scores
// are small enough).
#include "attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

using namespace imagic;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// What the mask and causality add to the scores: 0 or -inf where they say yes or no, null where they say nothing.
at::Tensor additive_mask(const at::Tensor& q, const at::Tensor& k, const optional<at::Tensor>& mask, bool causal) {
    at::Tensor allowed;
    if (causal) allowed = at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).tril();
    else if (!mask) return {};
    else if (mask->scalar_type() != at::kBool) return *mask;
    else allowed = *mask;
    return at::zeros_like(allowed, q.options()).masked_fill_(allowed.logical_not(), -infinity);
}

/// The definition itself, for what the kernels do not cover.
at::Tensor composed(
    const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias, double dropout) {
    auto scores = at::matmul(q * (1 / std::sqrt(static_cast<double>(q.size(-1)))), k.transpose(-2, -1));
    if (bias.defined()) scores = scores + bias;
    return at::matmul(at::dropout(at::softmax(scores, -1), dropout, dropout > 0), v);
}

struct Attention : torch::autograd::Function<Attention> {
    using Context = torch::autograd::AutogradContext;
    using Tensors = torch::autograd::variable_list;

    static at::Tensor forward(Context* context, at::Tensor q, at::Tensor k, at::Tensor v,
        optional<at::Tensor> optional_bias) {
        const auto bias = optional_bias.value_or(at::Tensor());
        auto [out, lse] = attention_forward(q, k, v, bias);
        context->save_for_backward({q, k, v, bias, out, lse});
        return out;
    }

    static Tensors backward(Context* context, Tensors gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "attention: second derivatives (create_graph) are not available");
        const auto saved = context->get_saved_variables();
        auto [q, k, v] = attention_backward(gradients[0], saved[0], saved[1], saved[2], saved[3], saved[4], saved[5]);
        return {q, k, v, at::Tensor()};
    }
};

bool covered(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias, double dropout) {
    const auto plain = [](const at::Tensor& x) { return x.dim() == 4 && x.is_cpu() && x.scalar_type() == at::kFloat; };
    return dropout == 0 && plain(q) && plain(k) && plain(v) && q.numel() > 0 && k.numel() > 0 && v.numel() > 0 &&
           !(bias.defined() && (bias.dim() == 0 || bias.requires_grad() || bias.scalar_type() != at::kFloat));
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const optional<at::Tensor>& mask,
    double dropout, bool causal) {
    const auto bias = additive_mask(q, k, mask, causal);
    if (!covered(q, k, v, bias, dropout)) return composed(q, k, v, bias, dropout);
    return Attention::apply(q, k, v, bias.defined() ? optional<at::Tensor>(bias) : none);
}

}  // namespace

IMAGIC_TENSOR(attention, (Handle q, Handle k, Handle v, Handle mask, double dropout, bool causal),
    attention(*q, *k, *v, optional_tensor(mask), dropout, causal))
