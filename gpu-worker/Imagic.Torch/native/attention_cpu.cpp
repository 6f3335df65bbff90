// Attention one head and one block of query rows at a time. Heads run in parallel; where there are fewer heads than
// threads they run one after the other, and the matrix products and the rows of a block are parallel instead.
#include "attention.h"
#include "gemm.h"
#include "simd.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace imagic {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The matrices of a (B, H, rows, columns) tensor.
class Heads {
  public:
    explicit Heads(const at::Tensor& x) : data_(x.data_ptr<float>()), heads_(x.size(1)), strides_(x.strides().vec()) {}

    Rows operator[](int64_t head) const {
        return {data_ + head / heads_ * strides_[0] + head % heads_ * strides_[1], strides_[2]};
    }

  private:
    float* data_;
    int64_t heads_;
    std::vector<int64_t> strides_;
};

/// As it is where BLAS can read it (rows dense, in order, not repeated), else a copy.
at::Tensor readable(const at::Tensor& x) {
    return x.stride(3) == 1 && x.stride(2) >= x.size(3) ? x : x.contiguous();
}

/// (B, H, rows, columns) in the memory order (B, rows, H, columns), in which the heads of a token are neighbours:
/// joining them to (B, rows, H·columns) is then a view.
at::Tensor empty_heads(const at::Tensor& like, int64_t columns) {
    return at::empty({like.size(0), like.size(2), like.size(1), columns}, like.options()).transpose(1, 2);
}

/// What the softmax of padded scores starts from: the bias added, and no probability for the padding.
inline void prepare_row(float* scores, const float* bias, int64_t count, int64_t padded) {
    if (bias)
        for (int64_t j = 0; j < count; ++j) scores[j] += bias[j];
    for (int64_t j = count; j < padded; ++j) scores[j] = -infinity;
}

/// Scores to probabilities, in place. Returns the log-sum-exp of the row.
IMAGIC_SIMD float softmax_row(float* scores, const float* bias, int64_t count, int64_t padded) {
    prepare_row(scores, bias, count, padded);
    float largest = -infinity, sum = 0;
#pragma omp simd reduction(max : largest)
    for (int64_t j = 0; j < padded; ++j) largest = scores[j] > largest ? scores[j] : largest;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < padded; ++j) sum += scores[j] = exp_negative(scores[j] - largest);
    const float scale = 1 / sum;
#pragma omp simd
    for (int64_t j = 0; j < padded; ++j) scores[j] *= scale;
    return largest + std::log(sum);
}

/// Scores to the probabilities of the forward pass, in place; their gradients to those of the scores, in place.
IMAGIC_SIMD void softmax_row_backward(float* scores, const float* bias, float lse, float* gradient,
    float out_dot_gradient, float scale, int64_t count, int64_t padded) {
    prepare_row(scores, bias, count, padded);
#pragma omp simd
    for (int64_t j = 0; j < padded; ++j) {
        const float p = exp_negative(scores[j] - lse);
        scores[j] = p;
        gradient[j] = p * (gradient[j] - out_dot_gradient) * scale;
    }
}

IMAGIC_SIMD float dot(const float* a, const float* b, int64_t count) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < count; ++j) sum += a[j] * b[j];
    return sum;
}

/// Sizes, and how the work is cut.
struct Plan {
    int64_t heads, T, S, d, e;
    int64_t padded;  // S rounded up to whole vectors: their rests would be computed one by one
    int64_t block;   // query rows at a time: fewer than 256 make slow products where S and d are large
    float scale;

    Plan(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)
        : heads(q.size(0) * q.size(1)), T(q.size(2)), S(k.size(2)), d(q.size(3)), e(v.size(3)),
          padded((S + 15) / 16 * 16), block(std::min<int64_t>(T, 256)),
          scale(static_cast<float>(1 / std::sqrt(static_cast<double>(d)))) {
        TORCH_CHECK(k.size(3) == d && v.size(2) == S && k.size(0) == q.size(0) && k.size(1) == q.size(1) &&
                        v.size(0) == q.size(0) && v.size(1) == q.size(1),
            "attention: expected q (B, H, T, d), k (B, H, S, d) and v (B, H, S, e), got ", q.sizes(), ", ", k.sizes(),
            " and ", v.sizes());
    }

    template <class F>
    void each_head(const F& f) const {
        if (heads < at::get_num_threads()) {
            for (int64_t head = 0; head < heads; ++head) f(head);
            return;
        }
        const int64_t grain = std::max<int64_t>(1, (64 << 10) / (T * S));
        at::parallel_for(0, heads, grain, [&](int64_t begin, int64_t end) {
            for (int64_t head = begin; head < end; ++head) f(head);
        });
    }

    /// Calls f(first row, number of rows) for each block of query rows.
    template <class F>
    void each_block(const F& f) const {
        for (int64_t first = 0; first < T; first += block) f(first, std::min(block, T - first));
    }

    template <class F>
    void each_row(int64_t rows, const F& f) const {
        at::parallel_for(0, rows, std::max<int64_t>(1, (16 << 10) / S), [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) f(i);
        });
    }

    at::Tensor scratch() const { return at::empty({block, padded}, at::kFloat); }
};

/// The bias, broadcast to (B, H, T, S) without copying whole scores.
class Bias {
  public:
    Bias(const at::Tensor& bias, const at::Tensor& q, const Plan& plan) {
        if (!bias.defined()) return;
        auto sizes = bias.sizes().vec();
        sizes.back() = plan.S;
        dense_ = bias.expand(sizes).contiguous().expand({q.size(0), q.size(1), plan.T, plan.S});
        heads_.emplace(dense_);
    }

    const float* row(int64_t head, int64_t i) const { return heads_ ? (*heads_)[head].row(i) : nullptr; }

  private:
    at::Tensor dense_;
    std::optional<Heads> heads_;
};

}  // namespace

std::tuple<at::Tensor, at::Tensor> attention_forward(at::Tensor q, at::Tensor k, at::Tensor v, at::Tensor bias) {
    const Plan plan(q, k, v);
    q = readable(q), k = readable(k), v = readable(v);
    auto out = empty_heads(q, plan.e);
    auto lse = at::empty({q.size(0), q.size(1), plan.T}, q.options());
    const Heads Q(q), K(k), V(v), O(out);
    const Bias added(bias, q, plan);
    auto* sums = lse.data_ptr<float>();

    plan.each_head([&](int64_t head) {
        const auto memory = plan.scratch();
        const Rows scores{memory.data_ptr<float>(), plan.padded};
        plan.each_block([&](int64_t first, int64_t rows) {
            gemm(false, true, rows, plan.S, plan.d, plan.scale, Q[head].from(first), K[head], 0, scores);
            plan.each_row(rows, [&](int64_t i) {
                sums[head * plan.T + first + i] = softmax_row(
                    scores.row(i), added.row(head, first + i), plan.S, plan.padded);
            });
            gemm(false, false, rows, plan.e, plan.S, 1, scores, V[head], 0, O[head].from(first));
        });
    });
    return {out, lse};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> attention_backward(at::Tensor grad_out, at::Tensor q, at::Tensor k,
    at::Tensor v, at::Tensor bias, const at::Tensor& out, const at::Tensor& lse) {
    const Plan plan(q, k, v);
    q = readable(q), k = readable(k), v = readable(v), grad_out = readable(grad_out);
    auto grad_q = empty_heads(q, plan.d), grad_k = empty_heads(k, plan.d), grad_v = empty_heads(v, plan.e);
    const Heads Q(q), K(k), V(v), O(out), dO(grad_out), dQ(grad_q), dK(grad_k), dV(grad_v);
    const Bias added(bias, q, plan);
    const auto* sums = lse.data_ptr<float>();

    plan.each_head([&](int64_t head) {
        const auto memory = plan.scratch(), more_memory = plan.scratch();
        const Rows P{memory.data_ptr<float>(), plan.padded}, dS{more_memory.data_ptr<float>(), plan.padded};
        plan.each_block([&](int64_t first, int64_t rows) {
            const auto q_block = Q[head].from(first), out_block = O[head].from(first);
            const auto grad_block = dO[head].from(first);
            const float accumulate = first == 0 ? 0 : 1;
            gemm(false, true, rows, plan.S, plan.d, plan.scale, q_block, K[head], 0, P);
            gemm(false, true, rows, plan.S, plan.e, 1, grad_block, V[head], 0, dS);
            plan.each_row(rows, [&](int64_t i) {
                softmax_row_backward(P.row(i), added.row(head, first + i), sums[head * plan.T + first + i], dS.row(i),
                    dot(out_block.row(i), grad_block.row(i), plan.e), plan.scale, plan.S, plan.padded);
            });
            gemm(true, false, plan.S, plan.e, rows, 1, P, grad_block, accumulate, dV[head]);
            gemm(false, false, rows, plan.d, plan.S, 1, dS, K[head], 0, dQ[head].from(first));
            gemm(true, false, plan.S, plan.d, rows, 1, dS, q_block, accumulate, dK[head]);
        });
    });
    return {grad_q, grad_k, grad_v};
}

}  // namespace imagic
