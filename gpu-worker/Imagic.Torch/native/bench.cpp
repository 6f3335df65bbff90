// Times the operations that a small diffusion model spends its time in.
//   cmake --build build --target bench && build/bench [part of a name]
#include "shim.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>

extern "C" imagic::Handle imagic_attention(
    imagic::Handle q, imagic::Handle k, imagic::Handle v, imagic::Handle mask, double dropout, bool causal);
extern "C" const char* imagic_take_error();

namespace {

const char* wanted = "";

/// Best of at least five runs and half a second, in milliseconds: the machine may be shared.
double best_ms(const std::function<void()>& body) {
    using clock = std::chrono::steady_clock;
    double best = 1e9, total = 0;
    for (int run = 0; run < 5 || total < 500; ++run) {
        const auto start = clock::now();
        body();
        const double ms = std::chrono::duration<double, std::milli>(clock::now() - start).count();
        best = std::min(best, ms);
        total += ms;
    }
    return best;
}

void report(const std::string& name, double gflop, const std::function<void()>& body) {
    if (name.find(wanted) == std::string::npos) return;
    const double ms = best_ms(body);
    if (gflop > 0) std::printf("%-58s %9.3f ms %8.1f GFLOP/s\n", name.c_str(), ms, gflop / ms * 1e3);
    else std::printf("%-58s %9.3f ms\n", name.c_str(), ms);
    std::fflush(stdout);
}

/// Forward without gradients, then forward and backward to all inputs.
void both(const std::string& name, double gflop, std::vector<at::Tensor> inputs,
    const std::function<at::Tensor(const std::vector<at::Tensor>&)>& f) {
    report(name + " fwd", gflop, [&] {
        at::NoGradGuard no_grad;
        f(inputs);
    });
    std::vector<at::Tensor> leaves;
    for (const auto& input : inputs) leaves.push_back(input.detach().set_requires_grad(true));
    at::Tensor gradient;
    report(name + " fwd+bwd", 3 * gflop, [&] {
        for (auto& leaf : leaves) leaf.mutable_grad() = at::Tensor();
        const auto y = f(leaves);
        if (!gradient.defined()) gradient = at::randn_like(y);
        y.backward(gradient);
    });
}

at::Tensor naive_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const auto scale = 1 / std::sqrt(static_cast<double>(q.size(-1)));
    return at::matmul(at::softmax(at::matmul(q, k.transpose(-2, -1)) * scale, -1), v);
}

at::Tensor our_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    auto a = q, b = k, c = v;
    auto* handle = imagic_attention(&a, &b, &c, nullptr, 0, false);
    TORCH_CHECK(handle, imagic_take_error());
    auto result = *handle;
    delete handle;
    return result;
}

void attention(int64_t B, int64_t H, int64_t T, int64_t S, int64_t d) {
    const auto name = "attention (" + std::to_string(B) + "," + std::to_string(H) + "," + std::to_string(T) + "," +
                      std::to_string(S) + "," + std::to_string(d) + ")";
    const double gflop = 4e-9 * B * H * T * S * d;
    std::vector<at::Tensor> qkv{at::randn({B, H, T, d}), at::randn({B, H, S, d}), at::randn({B, H, S, d})};
    both(name + " naive", gflop, qkv, [](auto& x) { return naive_attention(x[0], x[1], x[2]); });
    both(name + " ours", gflop, qkv, [](auto& x) { return our_attention(x[0], x[1], x[2]); });
}

void bmm(int64_t B, int64_t m, int64_t k, int64_t n) {
    const auto name = "bmm (" + std::to_string(B) + "," + std::to_string(m) + "," + std::to_string(k) + "," +
                      std::to_string(n) + ")";
    const double gflop = 2e-9 * B * m * k * n;
    const auto a = at::randn({B, m, k}), b = at::randn({B, k, n});
    const auto transposed = at::randn({B, n, k}).transpose(1, 2);
    report(name, gflop, [&] { at::bmm(a, b); });
    report(name + " b transposed", gflop, [&] { at::bmm(a, transposed); });
}

void linear(int64_t rows, int64_t from, int64_t to) {
    const auto name = "linear (" + std::to_string(rows) + "," + std::to_string(from) + ")->" + std::to_string(to);
    both(name, 2e-9 * rows * from * to, {at::randn({rows, from}), at::randn({to, from}), at::randn({to})},
        [](auto& x) { return at::linear(x[0], x[1], x[2]); });
}

void conv(int64_t B, int64_t C, int64_t O, int64_t side, int64_t kernel) {
    const auto name = "conv2d (" + std::to_string(B) + "," + std::to_string(C) + "->" + std::to_string(O) + "," +
                      std::to_string(side) + "x" + std::to_string(side) + ") k" + std::to_string(kernel);
    const double gflop = 2e-9 * B * C * O * side * side * kernel * kernel;
    const auto x = at::randn({B, C, side, side});
    const auto w = at::randn({O, C, kernel, kernel}) * 0.05;
    const auto run = [&](auto& v) { return at::conv2d(v[0], v[1], {}, 1, kernel / 2); };
    both(name + " nchw", gflop, {x, w}, run);
    both(name + " channels_last", gflop,
        {x.contiguous(at::MemoryFormat::ChannelsLast), w.contiguous(at::MemoryFormat::ChannelsLast)}, run);
    if (kernel == 1)
        both(name + " as gemm", gflop, {x, w}, [&](auto& v) {
            return at::matmul(v[1].view({O, C}), v[0].view({B, C, side * side})).view({B, O, side, side});
        });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) wanted = argv[1];
    std::printf("%d threads\n", at::get_num_threads());

    for (const int64_t n : {512, 1024}) {
        const auto a = at::randn({n, n}), b = at::randn({n, n});
        report("gemm " + std::to_string(n), 2e-9 * n * n * n, [&] { at::mm(a, b); });
    }
    bmm(16, 1024, 40, 1024);
    bmm(16, 256, 64, 256);
    bmm(16, 256, 32, 77);
    bmm(2, 256, 256, 256);
    attention(2, 8, 1024, 1024, 40);
    attention(2, 8, 256, 256, 64);
    attention(2, 8, 1024, 77, 40);
    attention(2, 8, 256, 77, 64);
    attention(2, 8, 64, 64, 32);
    attention(1, 1, 4096, 4096, 512);
    attention(2, 12, 77, 77, 64);

    linear(2048, 320, 1280);
    linear(512, 128, 128);

    conv(2, 64, 64, 32, 3);
    conv(2, 128, 128, 32, 3);
    conv(2, 256, 256, 16, 3);
    conv(2, 320, 320, 32, 3);
    conv(2, 128, 128, 32, 1);
    conv(2, 4, 64, 64, 3);

    const auto image = at::randn({2, 128, 32, 32});
    const auto large_image = at::randn({1, 128, 512, 512});
    const auto scale = at::randn({128}), shift = at::randn({128});
    const auto group_norm = [](auto& x) { return at::group_norm(x[0], 32, x[1], x[2]); };
    const auto silu = [](auto& x) { return at::silu(x[0]); };
    both("group_norm (2,128,32,32)", 0, {image, scale, shift}, group_norm);
    both("group_norm (1,128,512,512)", 0, {large_image, scale, shift}, group_norm);
    both("silu (2,128,32,32)", 0, {image}, silu);
    both("silu (1,128,512,512)", 0, {large_image}, silu);
    both("gelu (2,1024,512)", 0, {at::randn({2, 1024, 512})}, [](auto& x) { return at::gelu(x[0]); });
    both("layer_norm (2,1024,128)", 0, {at::randn({2, 1024, 128}), scale, shift},
        [](auto& x) { return at::layer_norm(x[0], {128}, x[1], x[2]); });
    both("softmax (2,8,1024,1024)", 0, {at::randn({2, 8, 1024, 1024})}, [](auto& x) { return at::softmax(x[0], -1); });
}
