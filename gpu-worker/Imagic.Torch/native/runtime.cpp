// Errors, tensor lifetime, devices, threads, random generators and facts about the libtorch at hand.
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>

#include <atomic>
#include <mutex>
#include <string>

namespace imagic {

namespace {
std::atomic<int64_t> live_tensors{0};
thread_local std::string last_error;
thread_local bool has_error = false;
thread_local std::string text;  // what the last text-returning call returned

void keep(const std::string& message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
    has_error = true;
}
}  // namespace

Handle hand_over(at::Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    auto* handle = new at::Tensor(std::move(tensor));
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

void record_error() noexcept {
    try {
        throw;
    } catch (const c10::Error& error) {
        keep(error.what_without_backtrace());
    } catch (const std::exception& error) {
        keep(error.what());
    } catch (...) {
        keep("libtorch threw something that is no std::exception");
    }
}

}  // namespace imagic

using namespace imagic;

IMAGIC_EXPORT void imagic_dispose(Handle x) {
    delete x;
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

IMAGIC_EXPORT int64_t imagic_live_tensors() { return live_tensors.load(std::memory_order_relaxed); }

/// The message of this thread's last failure, handed out once; null if there was none. Valid until the next failure.
IMAGIC_EXPORT const char* imagic_take_error() {
    if (!has_error) return nullptr;
    has_error = false;
    return last_error.c_str();
}

IMAGIC_EXPORT const char* imagic_version() { return TORCH_VERSION; }

IMAGIC_EXPORT const char* imagic_show_config() {
    return guarded<const char*>(nullptr, [] { return (text = at::show_config()).c_str(); });
}

IMAGIC_EXPORT const char* imagic_parallel_info() {
    return guarded<const char*>(nullptr, [] { return (text = at::get_parallel_info()).c_str(); });
}

IMAGIC_EXPORT int32_t imagic_num_threads() { return at::get_num_threads(); }
IMAGIC_STATUS(set_num_threads, (int32_t count), at::set_num_threads(count))
IMAGIC_EXPORT int32_t imagic_num_interop_threads() { return static_cast<int32_t>(at::get_num_interop_threads()); }
IMAGIC_STATUS(set_num_interop_threads, (int32_t count), at::set_num_interop_threads(count))

IMAGIC_EXPORT bool imagic_allow_tf32_cublas() {
    return guarded(false, [] { return at::globalContext().allowTF32CuBLAS(); });
}
IMAGIC_STATUS(set_allow_tf32_cublas, (bool allow), at::globalContext().setAllowTF32CuBLAS(allow))
IMAGIC_EXPORT bool imagic_allow_tf32_cudnn() {
    return guarded(false, [] { return at::globalContext().allowTF32CuDNN(); });
}
IMAGIC_STATUS(set_allow_tf32_cudnn, (bool allow), at::globalContext().setAllowTF32CuDNN(allow))

IMAGIC_EXPORT bool imagic_cuda_is_available() { return guarded(false, [] { return torch::cuda::is_available(); }); }
IMAGIC_EXPORT bool imagic_cudnn_is_available() {
    return guarded(false, [] { return torch::cuda::cudnn_is_available(); });
}
IMAGIC_EXPORT int32_t imagic_cuda_device_count() {
    return guarded<int32_t>(0, [] { return static_cast<int32_t>(torch::cuda::device_count()); });
}
IMAGIC_STATUS(cuda_synchronize, (int32_t index), torch::cuda::synchronize(index))
IMAGIC_STATUS(cuda_manual_seed_all, (int64_t seed), torch::cuda::manual_seed_all(static_cast<uint64_t>(seed)))

IMAGIC_STATUS(manual_seed, (int64_t seed), at::manual_seed(static_cast<uint64_t>(seed)))

namespace {
at::Generator default_generator(DeviceArg device) {
    return at::globalContext().defaultGenerator(device.optional().value_or(at::kCPU));
}

template <class F>
auto locked(at::Generator& generator, F&& body) {
    std::lock_guard<std::mutex> lock(generator.mutex());
    return body(generator);
}
}  // namespace

/// A generator of its own on the device. A copy of the default one, so that no device's headers are needed here.
IMAGIC_EXPORT at::Generator* imagic_generator_new(DeviceArg device, int64_t seed) {
    return guarded<at::Generator*>(nullptr, [&] {
        auto source = default_generator(device);
        auto generator = locked(source, [](at::Generator& g) { return g.clone(); });
        generator.set_current_seed(static_cast<uint64_t>(seed));
        return new at::Generator(std::move(generator));
    });
}

IMAGIC_EXPORT at::Generator* imagic_generator_default(DeviceArg device) {
    return guarded<at::Generator*>(nullptr, [&] { return new at::Generator(default_generator(device)); });
}

IMAGIC_EXPORT void imagic_generator_dispose(at::Generator* generator) { delete generator; }

IMAGIC_STATUS(generator_set_seed, (at::Generator* generator, int64_t seed),
    locked(*generator, [&](at::Generator& g) { g.set_current_seed(static_cast<uint64_t>(seed)); }))

IMAGIC_EXPORT int64_t imagic_generator_initial_seed(at::Generator* generator) {
    return guarded<int64_t>(0, [&] {
        return locked(*generator, [](at::Generator& g) { return static_cast<int64_t>(g.current_seed()); });
    });
}

IMAGIC_EXPORT int64_t imagic_generator_seed(at::Generator* generator) {
    return guarded<int64_t>(0, [&] {
        return locked(*generator, [](at::Generator& g) { return static_cast<int64_t>(g.seed()); });
    });
}

IMAGIC_TENSOR(generator_get_state, (at::Generator* generator),
    locked(*generator, [](at::Generator& g) { return g.get_state(); }))

IMAGIC_STATUS(generator_set_state, (at::Generator* generator, Handle state),
    locked(*generator, [&](at::Generator& g) { g.set_state(*state); }))
