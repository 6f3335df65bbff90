// Some builds of libtorch compute wrong numbers, and nothing says so: the one of Debian 13 (libtorch 2.6 on oneDNN 3.7)
// gives convolutions' inputs gradients that are off by more than their size, so that training ends in NaN. What can be
// found out in a millisecond is found out when the library is loaded.
#include "shim.h"

#include <ATen/Context.h>
#include <c10/core/GradMode.h>

namespace imagic {
namespace {

at::Tensor input_gradient(const at::Tensor& grad, const at::Tensor& input, const at::Tensor& weight, bool onednn) {
    at::globalContext().setUserEnabledMkldnn(onednn);
    const std::vector<int64_t> one{1, 1}, none{0, 0};
    return std::get<0>(at::convolution_backward(
        grad, input, weight, c10::nullopt, one, one, one, false, none, 1, {true, false, false}));
}

/// A 3x3 convolution of three pictures of 5 channels: small, and of a form that goes to oneDNN in every version.
bool onednn_is_right() {
    const auto ramp = [](std::vector<int64_t> shape) {
        int64_t count = 1;
        for (const auto size : shape) count *= size;
        return at::arange(count, at::kFloat).mul_(0.7).sin_().view(shape);
    };
    const auto grad = ramp({3, 7, 8, 5}), input = ramp({3, 5, 8, 5}), weight = ramp({7, 5, 3, 3});
    const auto expected = input_gradient(grad, input, weight, false);
    const auto actual = input_gradient(grad, input, weight, true);
    return (actual - expected).abs().max().item<float>() < 1e-3f;
}

}  // namespace
}  // namespace imagic

/// Switches oneDNN off for the whole process if it cannot be trusted with convolutions.
/// Returns whether it can; true where libtorch has no oneDNN.
IMAGIC_EXPORT bool imagic_check_onednn() {
    return imagic::guarded(true, [] {
        if (!at::hasMKLDNN() || !at::globalContext().userEnabledMkldnn()) return true;
        const c10::NoGradGuard no_grad;
        const bool right = imagic::onednn_is_right();
        at::globalContext().setUserEnabledMkldnn(right);
        return right;
    });
}
