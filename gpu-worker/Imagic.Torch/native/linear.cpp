// Linear layers as one matrix product over all rows.
#include "gemm.h"
#include "layers.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace imagic {
namespace {

/// x (…, K), weight (O, K), bias (O) or undefined → (…, O).
at::Tensor product(const at::Tensor& any_x, const at::Tensor& any_weight, const at::Tensor& any_bias) {
    const auto x = any_x.contiguous(), weight = any_weight.contiguous();
    const int64_t O = weight.size(0), K = weight.size(1), rows = x.numel() / K;
    auto sizes = x.sizes().vec();
    sizes.back() = O;
    auto y = at::empty(sizes, x.options());
    if (any_bias.defined()) {
        const auto bias = any_bias.contiguous();
        const float* added = bias.data_ptr<float>();
        const Rows out = rows_of(y, O);
        at::parallel_for(0, rows, std::max<int64_t>(1, (32 << 10) / O), [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) std::copy_n(added, O, out.row(i));
        });
    }
    gemm(false, true, rows, O, K, 1, rows_of(x, K), rows_of(weight, K), any_bias.defined() ? 1 : 0, rows_of(y, O));
    return y;
}

struct Linear : torch::autograd::Function<Linear> {
    using Context = torch::autograd::AutogradContext;
    using Tensors = torch::autograd::variable_list;

    static at::Tensor forward(Context* context, at::Tensor x, at::Tensor weight, optional<at::Tensor> bias) {
        // What nobody asks the gradient for need not be kept: a frozen layer does not hold its input.
        context->save_for_backward({weight.requires_grad() ? x : at::Tensor(), x.requires_grad() ? weight : at::Tensor()});
        context->saved_data["sizes"] = x.sizes().vec();
        context->saved_data["bias"] = bias && bias->requires_grad();
        return product(x, weight, bias.value_or(at::Tensor()));
    }

    static Tensors backward(Context* context, Tensors gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "linear: second derivatives (create_graph) are not available");
        const auto saved = context->get_saved_variables();
        const auto gradient = gradients[0].contiguous();
        const int64_t O = gradient.size(-1), rows = gradient.numel() / O;
        at::Tensor x, weight, bias;
        if (saved[1].defined()) {
            x = at::empty(context->saved_data["sizes"].toIntVector(), gradient.options());
            const int64_t K = x.size(-1);
            gemm(false, false, rows, K, O, 1, rows_of(gradient, O), rows_of(saved[1].contiguous(), K), 0, rows_of(x, K));
        }
        if (saved[0].defined()) {
            const auto input = saved[0].contiguous();
            const int64_t K = input.size(-1);
            weight = at::empty({O, K}, gradient.options());
            gemm(true, false, O, K, rows, 1, rows_of(gradient, O), rows_of(input, K), 0, rows_of(weight, K));
        }
        if (context->saved_data["bias"].toBool()) bias = gradient.view({rows, O}).sum(0);
        return {x, weight, bias};
    }
};

bool covered(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return plain(x) && plain(weight) && weight.dim() == 2 && x.dim() > 0 && x.size(-1) == weight.size(1) &&
           (!bias.defined() || (plain(bias) && bias.dim() == 1 && bias.size(0) == weight.size(0)));
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& optional_bias) {
    const auto bias = optional_bias.value_or(at::Tensor());
    if (!covered(x, weight, bias)) return at::linear(x, weight, optional_bias);
    const bool gradient = needs_gradient(x) || needs_gradient(weight) || (bias.defined() && needs_gradient(bias));
    return gradient ? Linear::apply(x, weight, optional_bias) : product(x, weight, bias);
}

}  // namespace imagic
