// What every file of the shim shares: how arguments come in, how tensors and errors go out.
#pragma once

#include <ATen/ATen.h>
#include <torch/version.h>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#define IMAGIC_EXPORT extern "C" __attribute__((visibility("default")))

/// True when the libtorch compiled against is at least major.minor.
#define IMAGIC_TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace imagic {

#if IMAGIC_TORCH_AT_LEAST(2, 3)
template <class T>
using optional = std::optional<T>;
constexpr auto none = std::nullopt;
#else
template <class T>
using optional = c10::optional<T>;
constexpr auto none = c10::nullopt;
#endif

/// A tensor on its way to or from C#. Owned by the C# Tensor, freed by imagic_dispose.
using Handle = at::Tensor*;

/// A torch.Scalar by value. Mirrors TorchSharp.NativeScalar.
struct ScalarArg {
    enum Kind : int64_t { None, Bool, Integer, Real };
    Kind kind;
    int64_t integer;
    double real;

    at::Scalar value() const {
        switch (kind) {
            case Bool: return at::Scalar(integer != 0);
            case Integer: return at::Scalar(integer);
            default: return at::Scalar(real);
        }
    }

    imagic::optional<at::Scalar> optional() const {
        if (kind == None) return none;
        return value();
    }
};

/// A torch.Device by value; a negative type means "not given". Mirrors TorchSharp.NativeDevice.
struct DeviceArg {
    int32_t type;
    int32_t index;

    imagic::optional<at::Device> optional() const {
        if (type < 0) return none;
        return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
    }
};

/// Element type and place of a new tensor. Mirrors TorchSharp.NativeOptions.
struct OptionsArg {
    int32_t dtype;
    DeviceArg device;
    bool requires_grad;

    at::TensorOptions value() const;
};

/// A negative code means "not given".
inline optional<at::ScalarType> optional_dtype(int32_t code) {
    if (code < 0) return none;
    return static_cast<at::ScalarType>(code);
}

inline at::TensorOptions OptionsArg::value() const {
    return at::TensorOptions().dtype(optional_dtype(dtype)).device(device.optional());
}

inline at::IntArrayRef dims(const int64_t* values, int64_t count) {
    return {values, static_cast<size_t>(count)};
}

/// A null handle is an undefined tensor.
inline at::Tensor tensor_or_undefined(Handle handle) { return handle ? *handle : at::Tensor(); }

inline optional<at::Tensor> optional_tensor(Handle handle) {
    if (!handle) return none;
    return *handle;
}

inline std::vector<at::Tensor> tensors(const Handle* handles, int64_t count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (int64_t i = 0; i < count; ++i) result.push_back(tensor_or_undefined(handles[i]));
    return result;
}

/// Gives a tensor to C#, counted until imagic_dispose. An undefined tensor becomes null.
Handle hand_over(at::Tensor tensor);

/// Keeps the message of the exception being handled for imagic_take_error. Call inside a catch block only.
void record_error() noexcept;

/// Runs body; an exception is recorded and on_error returned instead.
template <class R, class F>
R guarded(R on_error, F&& body) noexcept {
    try {
        return body();
    } catch (...) {
        record_error();
        return on_error;
    }
}

/// Body returns a tensor. Null means failure or, where the operation says so, "no tensor".
template <class F>
Handle tensor(F&& body) noexcept {
    return guarded<Handle>(nullptr, [&] { return hand_over(body()); });
}

/// Body returns nothing. 0 is success.
template <class F>
int32_t status(F&& body) noexcept {
    return guarded<int32_t>(1, [&] {
        body();
        return 0;
    });
}

/// Body returns a container of tensors; they are written to out, their number is returned, -1 is failure.
template <class F>
int64_t tensor_list(Handle* out, int64_t capacity, F&& body) noexcept {
    return guarded<int64_t>(-1, [&] {
        auto results = body();
        const auto count = static_cast<int64_t>(results.size());
        TORCH_CHECK(count <= capacity, "expected at most ", capacity, " tensors, got ", count);
        for (int64_t i = 0; i < count; ++i) out[i] = hand_over(std::move(results[i]));
        return count;
    });
}

/// Body returns a pair of tensors (values, indices).
template <class F>
void tensor_pair(Handle* first, Handle* second, F&& body) noexcept {
    *first = *second = nullptr;
    status([&] {
        auto results = body();
        *first = hand_over(std::get<0>(results));
        *second = hand_over(std::get<1>(results));
    });
}

}  // namespace imagic

/// Exports imagic_<name>, which returns the tensor that the expression yields.
#define IMAGIC_TENSOR(name, parameters, expression) \
    IMAGIC_EXPORT imagic::Handle imagic_##name parameters { \
        return imagic::tensor([&] { return expression; }); \
    }

/// Exports imagic_<name>, which runs the statement and returns 0, or 1 on failure.
#define IMAGIC_STATUS(name, parameters, statement) \
    IMAGIC_EXPORT int32_t imagic_##name parameters { \
        return imagic::status([&] { statement; }); \
    }
