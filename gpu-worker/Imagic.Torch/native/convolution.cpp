// Convolutions as matrix products: the patches of an image are copied into the columns of a matrix (C·h·w, H'·W').
// libtorch 1.13 does the same for a single small image, but with its BLAS and one thread's copying; for larger ones it
// has oneDNN's convolutions, which need no copy and are left to it.
#include "gemm.h"
#include "layers.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace imagic {
namespace {

// Above this many floats the patches leave the caches.
constexpr int64_t most_patch_floats = 1 << 20;

struct Geometry {
    int64_t B, C, H, W;     // input
    int64_t O, h, w;        // weight
    int64_t stride, padding;
    int64_t outH, outW;

    Geometry(at::IntArrayRef x, at::IntArrayRef weight, int64_t stride, int64_t padding)
        : B(x[0]), C(x[1]), H(x[2]), W(x[3]), O(weight[0]), h(weight[2]), w(weight[3]), stride(stride),
          padding(padding), outH((H + 2 * padding - h) / stride + 1), outW((W + 2 * padding - w) / stride + 1) {}

    int64_t patch() const { return C * h * w; }
    int64_t positions() const { return outH * outW; }
    bool pointwise() const { return h == 1 && w == 1 && stride == 1 && padding == 0; }
    bool keeps_size() const { return stride == 1 && outH == H && outW == W; }

    /// Calls f(k, tap) for each row k of the patch matrix, in parallel over channels.
    template <class F>
    void each_row(const F& f) const {
        const int64_t grain = std::max<int64_t>(1, (16 << 10) / (h * w * positions()));
        at::parallel_for(0, C, grain, [&](int64_t begin, int64_t end) {
            for (int64_t k = begin * h * w; k < end * h * w; ++k) f(k);
        });
    }
};

/// The output positions [first, last) whose input position, position * stride + shift, lies in [0, size).
struct Range {
    int64_t first, last;

    Range(int64_t shift, int64_t stride, int64_t size, int64_t count)
        : first(std::clamp<int64_t>(shift < 0 ? (-shift + stride - 1) / stride : 0, 0, count)),
          last(std::clamp<int64_t>(size > shift ? (size - shift + stride - 1) / stride : 0, first, count)) {}
};

/// Row k of the patch matrix, and where in the image it lies.
struct PatchRow {
    int64_t channel, shiftY, shiftX;
    Range y, x;

    PatchRow(const Geometry& g, int64_t k)
        : channel(k / (g.h * g.w)), shiftY(k / g.w % g.h - g.padding), shiftX(k % g.w - g.padding),
          y(shiftY, g.stride, g.H, g.outH), x(shiftX, g.stride, g.W, g.outW) {}

    /// Sets to 0 what lies beside the image.
    void clear_outside(const Geometry& g, float* row) const {
        std::fill(row, row + y.first * g.outW, 0.0f);
        if (x.first > 0 || x.last < g.outW)
            for (int64_t i = y.first; i < y.last; ++i) {
                std::fill(row + i * g.outW, row + i * g.outW + x.first, 0.0f);
                std::fill(row + i * g.outW + x.last, row + (i + 1) * g.outW, 0.0f);
            }
        std::fill(row + y.last * g.outW, row + g.positions(), 0.0f);
    }

    /// Where no size changes a row is the image moved by some positions: this part of the row lies inside.
    Range moved(const Geometry& g) const { return Range(shiftY * g.W + shiftX, 1, g.H * g.W, g.positions()); }
    int64_t shift(const Geometry& g) const { return shiftY * g.W + shiftX; }
};

/// The image (C, H, W) to its patches (C·h·w, H'·W').
void to_patches(const Geometry& g, const float* image, float* patches) {
    g.each_row([&](int64_t k) {
        const PatchRow row(g, k);
        const float* from = image + row.channel * g.H * g.W;
        float* to = patches + k * g.positions();
        if (g.keeps_size()) {
            const auto inside = row.moved(g);
            std::copy(from + inside.first + row.shift(g), from + inside.last + row.shift(g), to + inside.first);
        } else {
            for (int64_t i = row.y.first; i < row.y.last; ++i)
                for (int64_t j = row.x.first; j < row.x.last; ++j)
                    to[i * g.outW + j] = from[(i * g.stride + row.shiftY) * g.W + j * g.stride + row.shiftX];
        }
        row.clear_outside(g, to);
    });
}

/// Adds patches to the image they were taken from. Overwrites the patches.
void add_patches(const Geometry& g, float* patches, float* image) {
    g.each_row([&](int64_t k) {
        const PatchRow row(g, k);
        float* from = patches + k * g.positions();
        float* to = image + row.channel * g.H * g.W;
        if (g.keeps_size()) {
            row.clear_outside(g, from);
            const auto inside = row.moved(g);
            float* moved = to + row.shift(g);
            for (int64_t i = inside.first; i < inside.last; ++i) moved[i] += from[i];
        } else {
            for (int64_t i = row.y.first; i < row.y.last; ++i)
                for (int64_t j = row.x.first; j < row.x.last; ++j)
                    to[(i * g.stride + row.shiftY) * g.W + j * g.stride + row.shiftX] += from[i * g.outW + j];
        }
    });
}

/// Calls f(image number, memory for its patches) for each image: in parallel where there are images for all threads,
/// else one after the other with all threads on each.
template <class F>
void each_image(const Geometry& g, const F& f) {
    const auto run = [&](int64_t begin, int64_t end) {
        const auto patches = g.pointwise() ? at::Tensor() : at::empty({g.patch(), g.positions()}, at::kFloat);
        for (int64_t b = begin; b < end; ++b) f(b, g.pointwise() ? nullptr : patches.data_ptr<float>());
    };
    if (g.B >= at::get_num_threads()) at::parallel_for(0, g.B, 1, run);
    else run(0, g.B);
}

at::Tensor convolve(const Geometry& g, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    auto y = at::empty({g.B, g.O, g.outH, g.outW}, x.options());
    const int64_t K = g.patch(), P = g.positions();
    each_image(g, [&](int64_t b, float* memory) {
        float* image = x.data_ptr<float>() + b * g.C * g.H * g.W;
        const Rows patches{memory ? memory : image, P}, out{y.data_ptr<float>() + b * g.O * P, P};
        if (memory) to_patches(g, image, memory);
        if (bias.defined())
            for (int64_t o = 0; o < g.O; ++o) std::fill_n(out.row(o), P, bias.data_ptr<float>()[o]);
        gemm(false, false, g.O, P, K, 1, rows_of(weight, K), patches, bias.defined() ? 1 : 0, out);
    });
    return y;
}

at::Tensor input_gradient(const Geometry& g, const at::Tensor& gradient, const at::Tensor& weight) {
    const std::vector<int64_t> sizes{g.B, g.C, g.H, g.W};
    auto x = g.pointwise() ? at::empty(sizes, gradient.options()) : at::zeros(sizes, gradient.options());
    const int64_t K = g.patch(), P = g.positions();
    each_image(g, [&](int64_t b, float* memory) {
        float* image = x.data_ptr<float>() + b * g.C * g.H * g.W;
        const Rows patches{memory ? memory : image, P}, out{gradient.data_ptr<float>() + b * g.O * P, P};
        gemm(true, false, K, P, g.O, 1, rows_of(weight, K), out, 0, patches);
        if (memory) add_patches(g, memory, image);
    });
    return x;
}

at::Tensor weight_gradient(const Geometry& g, const at::Tensor& gradient, const at::Tensor& x) {
    auto weight = at::empty({g.O, g.C, g.h, g.w}, gradient.options());
    const int64_t K = g.patch(), P = g.positions();
    const auto memory = g.pointwise() ? at::Tensor() : at::empty({K, P}, x.options());
    for (int64_t b = 0; b < g.B; ++b) {
        float* image = x.data_ptr<float>() + b * g.C * g.H * g.W;
        const Rows patches{g.pointwise() ? image : memory.data_ptr<float>(), P};
        if (!g.pointwise()) to_patches(g, image, patches.data);
        gemm(false, true, g.O, K, P, 1, {gradient.data_ptr<float>() + b * g.O * P, P}, patches, b > 0 ? 1 : 0,
            rows_of(weight, K));
    }
    return weight;
}

struct Convolution : torch::autograd::Function<Convolution> {
    using Context = torch::autograd::AutogradContext;
    using Tensors = torch::autograd::variable_list;

    static at::Tensor forward(Context* context, at::Tensor x, at::Tensor weight, optional<at::Tensor> bias,
        int64_t stride, int64_t padding) {
        // What nobody asks the gradient for need not be kept: a frozen layer does not hold its input.
        context->save_for_backward({weight.requires_grad() ? x : at::Tensor(), x.requires_grad() ? weight : at::Tensor()});
        context->saved_data["x"] = x.sizes().vec();
        context->saved_data["weight"] = weight.sizes().vec();
        context->saved_data["stride"] = stride;
        context->saved_data["padding"] = padding;
        context->saved_data["bias"] = bias && bias->requires_grad();
        return convolve({x.sizes(), weight.sizes(), stride, padding}, x, weight, bias.value_or(at::Tensor()));
    }

    static Tensors backward(Context* context, Tensors gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "conv2d: second derivatives (create_graph) are not available");
        auto& data = context->saved_data;
        const auto saved = context->get_saved_variables();
        const auto gradient = gradients[0].contiguous();
        const auto sizes = data["x"].toIntVector(), weight_sizes = data["weight"].toIntVector();
        const Geometry g(sizes, weight_sizes, data["stride"].toInt(), data["padding"].toInt());
        at::Tensor x, weight, bias;
        if (saved[1].defined()) x = input_gradient(g, gradient, saved[1]);
        if (saved[0].defined()) weight = weight_gradient(g, gradient, saved[0]);
        if (data["bias"].toBool()) bias = gradient.sum({0, 2, 3});
        return {x, weight, bias, at::Tensor(), at::Tensor()};
    }
};

bool all(at::IntArrayRef values, int64_t value) {
    return std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == value; });
}

bool covered(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, at::IntArrayRef stride,
    at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
    if (!plain(x) || !plain(weight) || x.dim() != 4 || weight.dim() != 4 || !x.is_contiguous() || !weight.is_contiguous())
        return false;
    if (bias.defined() && !(plain(bias) && bias.is_contiguous() && bias.dim() == 1 && bias.size(0) == weight.size(0)))
        return false;
    if (groups != 1 || x.size(1) != weight.size(1) || !all(dilation, 1) || !all(stride, stride[0]) ||
        !all(padding, padding[0]) || stride[0] < 1 || padding[0] < 0)
        return false;
    const Geometry g(x.sizes(), weight.sizes(), stride[0], padding[0]);
    return g.outH > 0 && g.outW > 0 && (g.pointwise() || g.patch() * g.positions() <= most_patch_floats);
}

}  // namespace

at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const optional<at::Tensor>& optional_bias,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
    const auto bias = optional_bias.value_or(at::Tensor());
    if (!covered(x, weight, bias, stride, padding, dilation, groups))
        return at::conv2d(x, weight, optional_bias, stride, padding, dilation, groups);
    const bool gradient = needs_gradient(x) || needs_gradient(weight) || (bias.defined() && needs_gradient(bias));
    if (gradient) return Convolution::apply(x, weight, optional_bias, stride[0], padding[0]);
    return convolve({x.sizes(), weight.sizes(), stride[0], padding[0]}, x, weight, bias);
}

}  // namespace imagic
