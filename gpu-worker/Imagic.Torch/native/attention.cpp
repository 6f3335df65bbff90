// Scaled dot-product attention.
#include "shim.h"

#include <cmath>

using namespace imagic;

namespace {
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask,
    double dropout, bool causal) {
    auto scores = at::matmul(q, k.transpose(-2, -1)) * (1.0 / std::sqrt(static_cast<double>(q.size(-1))));
    const auto infinity = -std::numeric_limits<double>::infinity();
    if (causal) {
        const auto allowed = at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).tril();
        scores = scores.masked_fill(allowed.logical_not(), infinity);
    }
    if (mask) scores = mask->scalar_type() == at::kBool ? scores.masked_fill(mask->logical_not(), infinity) : scores + *mask;
    return at::matmul(at::dropout(at::softmax(scores, -1), dropout, dropout > 0), v);
}
}  // namespace

IMAGIC_TENSOR(attention, (Handle q, Handle k, Handle v, Handle mask, double dropout, bool causal),
    attention(*q, *k, *v, optional_tensor(mask), dropout, causal))
