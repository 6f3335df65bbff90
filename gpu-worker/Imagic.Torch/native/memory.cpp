// Memory of CPU tensors: large blocks are kept for the next tensor of their size.
//
// A step allocates tensors of the same sizes again and again. glibc gives blocks of tens of megabytes back to the
// kernel each time, and getting them anew costs a page fault per 4 KB: silu of a (1, 128, 512, 512) image took 88 to
// 118 ms, of which 19 ms are the arithmetic.
#include "shim.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/alignment.h>
#include <c10/core/impl/alloc_cpu.h>

#if __has_include(<c10/cuda/CUDACachingAllocator.h>) && __has_include(<cuda_runtime_api.h>)
#define IMAGIC_CUDA_STATISTICS
#include <c10/cuda/CUDACachingAllocator.h>
#include <torch/cuda.h>
#endif

#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

namespace imagic {
namespace {

class ReusingAllocator final : public c10::Allocator {
  public:
#if IMAGIC_TORCH_AT_LEAST(2, 3)
    c10::DataPtr allocate(size_t bytes) override { return allocate_block(bytes); }
    void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }
#else
    c10::DataPtr allocate(size_t bytes) const override { return instance().allocate_block(bytes); }
#endif
    c10::DeleterFnPtr raw_deleter() const override { return &release; }

    /// Lives as long as the process: tensors may be freed after static destructors have run.
    static ReusingAllocator& instance() {
        static auto* allocator = new ReusingAllocator;
        return *allocator;
    }

    int64_t in_use() const { return in_use_; }
    int64_t peak() const { return peak_; }
    void reset_peak() { peak_ = in_use_.load(); }

  private:
    static constexpr size_t header = c10::gAlignment;  // before the data: the block's capacity
    static constexpr size_t large = 1 << 20;
    static constexpr size_t most_kept = size_t{1} << 30;

    /// At most an eighth is wasted, so that nearly equal sizes share blocks.
    static size_t capacity_for(size_t bytes) {
        if (bytes < large) return bytes;
        size_t step = large / 8;
        while (step * 16 <= bytes) step *= 2;
        return (bytes + step - 1) / step * step;
    }

    c10::DataPtr allocate_block(size_t bytes) {
        if (bytes == 0) return {nullptr, nullptr, &release, c10::kCPU};
        const size_t capacity = capacity_for(bytes);
        char* block = capacity < large ? nullptr : take(capacity);
        if (!block) block = fresh(capacity);
        std::memcpy(block, &capacity, sizeof capacity);
        count(static_cast<int64_t>(capacity));
        return {block + header, block + header, &release, c10::kCPU};
    }

    static void release(void* data) {
        if (!data) return;
        char* block = static_cast<char*>(data) - header;
        size_t capacity;
        std::memcpy(&capacity, block, sizeof capacity);
        auto& self = instance();
        self.count(-static_cast<int64_t>(capacity));
        if (capacity < large || !self.keep(block, capacity)) c10::free_cpu(block);
    }

    char* fresh(size_t capacity) {
        try {
            return static_cast<char*>(c10::alloc_cpu(capacity + header));
        } catch (const c10::Error&) {
            if (!release_kept()) throw;
            return static_cast<char*>(c10::alloc_cpu(capacity + header));
        }
    }

    char* take(size_t capacity) {
        std::lock_guard<std::mutex> lock(mutex_);
        const auto found = kept_.find(capacity);
        if (found == kept_.end()) return nullptr;
        char* block = found->second;
        kept_.erase(found);
        kept_bytes_ -= capacity;
        return block;
    }

    bool keep(char* block, size_t capacity) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (kept_bytes_ + capacity > most_kept) return false;
        kept_.emplace(capacity, block);
        kept_bytes_ += capacity;
        return true;
    }

    bool release_kept() {
        std::lock_guard<std::mutex> lock(mutex_);
        for (const auto& [capacity, block] : kept_) c10::free_cpu(block);
        kept_.clear();
        return std::exchange(kept_bytes_, 0) > 0;
    }

    void count(int64_t change) {
        const int64_t now = in_use_.fetch_add(change) + change;
        for (int64_t seen = peak_; seen < now && !peak_.compare_exchange_weak(seen, now);) {
        }
    }

    std::mutex mutex_;
    std::multimap<size_t, char*> kept_;
    size_t kept_bytes_ = 0;
    std::atomic<int64_t> in_use_{0};
    std::atomic<int64_t> peak_{0};
};

/// When the library is loaded, before there is any tensor.
[[maybe_unused]] const bool installed = [] {
    c10::SetCPUAllocator(&ReusingAllocator::instance());
    return true;
}();

}  // namespace
}  // namespace imagic

using imagic::ReusingAllocator;

IMAGIC_EXPORT int64_t imagic_cpu_bytes() { return ReusingAllocator::instance().in_use(); }
IMAGIC_EXPORT int64_t imagic_cpu_peak_bytes() { return ReusingAllocator::instance().peak(); }
IMAGIC_EXPORT void imagic_reset_cpu_peak() { ReusingAllocator::instance().reset_peak(); }

/// The most bytes that tensors on the device have held at once; -1 where this build cannot tell.
IMAGIC_EXPORT int64_t imagic_cuda_peak_bytes([[maybe_unused]] int32_t index) {
#ifdef IMAGIC_CUDA_STATISTICS
    return imagic::guarded<int64_t>(-1, [&] {
        if (!torch::cuda::is_available()) return int64_t{-1};
        return static_cast<int64_t>(c10::cuda::CUDACachingAllocator::getDeviceStats(index).allocated_bytes[0].peak);
    });
#else
    return -1;
#endif
}
