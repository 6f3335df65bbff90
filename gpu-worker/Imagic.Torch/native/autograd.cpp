// Gradients: modes, leaves, backward.
#include "shim.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

using namespace imagic;

IMAGIC_EXPORT bool imagic_grad_mode() { return at::GradMode::is_enabled(); }
IMAGIC_EXPORT void imagic_set_grad_mode(bool enabled) { at::GradMode::set_enabled(enabled); }
IMAGIC_EXPORT bool imagic_inference_mode() { return c10::InferenceMode::is_enabled(); }

/// Entered by one thread and left by the same with imagic_inference_mode_leave.
IMAGIC_EXPORT c10::InferenceMode* imagic_inference_mode_enter(bool enabled) {
    return new c10::InferenceMode(enabled);
}
IMAGIC_EXPORT void imagic_inference_mode_leave(c10::InferenceMode* guard) { delete guard; }

IMAGIC_EXPORT bool imagic_requires_grad(Handle x) { return x->requires_grad(); }
IMAGIC_STATUS(set_requires_grad, (Handle x, bool requires_grad), x->set_requires_grad(requires_grad))
IMAGIC_EXPORT bool imagic_is_leaf(Handle x) { return x->is_leaf(); }
IMAGIC_STATUS(retain_grad, (Handle x), x->retain_grad())
IMAGIC_TENSOR(detach, (Handle x), x->detach())
IMAGIC_STATUS(detach_, (Handle x), x->detach_())

/// Null, without an error, when there is no gradient.
IMAGIC_TENSOR(grad, (Handle x), x->grad())
IMAGIC_STATUS(set_grad, (Handle x, Handle grad), x->mutable_grad() = tensor_or_undefined(grad))

IMAGIC_STATUS(backward,
    (const Handle* roots, int64_t root_count, const Handle* gradients, int64_t gradient_count, bool retain_graph,
        bool create_graph, const Handle* inputs, int64_t input_count),
    torch::autograd::backward(tensors(roots, root_count), tensors(gradients, gradient_count), retain_graph,
        create_graph, tensors(inputs, input_count)))

/// One gradient per input; null where an unused input is allowed.
IMAGIC_EXPORT int64_t imagic_autograd_grad(const Handle* outputs, int64_t output_count, const Handle* inputs,
    int64_t input_count, const Handle* gradients, int64_t gradient_count, bool retain_graph, bool create_graph,
    bool allow_unused, Handle* out) {
    return tensor_list(out, input_count, [&] {
        return torch::autograd::grad(tensors(outputs, output_count), tensors(inputs, input_count),
            tensors(gradients, gradient_count), retain_graph, create_graph, allow_unused);
    });
}
