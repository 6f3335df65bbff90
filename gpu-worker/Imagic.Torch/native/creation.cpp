// New tensors: constants, ranges, random numbers, memory from C#.
#include "shim.h"

using namespace imagic;

namespace {
at::Tensor leaf(at::Tensor tensor, OptionsArg options) { return tensor.set_requires_grad(options.requires_grad); }

optional<at::Generator> optional_generator(at::Generator* generator) {
    return generator ? optional<at::Generator>(*generator) : none;
}
}  // namespace

IMAGIC_TENSOR(empty, (const int64_t* size, int64_t rank, OptionsArg options),
    leaf(at::empty(dims(size, rank), options.value()), options))
IMAGIC_TENSOR(zeros, (const int64_t* size, int64_t rank, OptionsArg options),
    leaf(at::zeros(dims(size, rank), options.value()), options))
IMAGIC_TENSOR(ones, (const int64_t* size, int64_t rank, OptionsArg options),
    leaf(at::ones(dims(size, rank), options.value()), options))
IMAGIC_TENSOR(full, (const int64_t* size, int64_t rank, ScalarArg value, OptionsArg options),
    leaf(at::full(dims(size, rank), value.value(), options.value()), options))
IMAGIC_TENSOR(eye, (int64_t rows, int64_t columns, OptionsArg options),
    leaf(at::eye(rows, columns, options.value()), options))
IMAGIC_TENSOR(arange, (ScalarArg start, ScalarArg stop, ScalarArg step, OptionsArg options),
    leaf(at::arange(start.value(), stop.value(), step.value(), options.value()), options))
IMAGIC_TENSOR(linspace, (double start, double end, int64_t steps, OptionsArg options),
    leaf(at::linspace(start, end, steps, options.value()), options))

IMAGIC_TENSOR(empty_like, (Handle x, OptionsArg options), leaf(at::empty_like(*x, options.value()), options))
IMAGIC_TENSOR(zeros_like, (Handle x, OptionsArg options), leaf(at::zeros_like(*x, options.value()), options))
IMAGIC_TENSOR(ones_like, (Handle x, OptionsArg options), leaf(at::ones_like(*x, options.value()), options))
IMAGIC_TENSOR(full_like, (Handle x, ScalarArg value, OptionsArg options),
    leaf(at::full_like(*x, value.value(), options.value()), options))
IMAGIC_TENSOR(rand_like, (Handle x, OptionsArg options), leaf(at::rand_like(*x, options.value()), options))
IMAGIC_TENSOR(randn_like, (Handle x, OptionsArg options), leaf(at::randn_like(*x, options.value()), options))

IMAGIC_TENSOR(rand, (const int64_t* size, int64_t rank, at::Generator* generator, OptionsArg options),
    leaf(at::rand(dims(size, rank), optional_generator(generator), options.value()), options))
IMAGIC_TENSOR(randn, (const int64_t* size, int64_t rank, at::Generator* generator, OptionsArg options),
    leaf(at::randn(dims(size, rank), optional_generator(generator), options.value()), options))
IMAGIC_TENSOR(randint,
    (int64_t low, int64_t high, const int64_t* size, int64_t rank, at::Generator* generator, OptionsArg options),
    leaf(at::randint(low, high, dims(size, rank), optional_generator(generator), options.value()), options))
IMAGIC_TENSOR(randperm, (int64_t n, at::Generator* generator, OptionsArg options),
    leaf(at::randperm(n, optional_generator(generator), options.value()), options))
IMAGIC_STATUS(normal_, (Handle x, double mean, double std, at::Generator* generator),
    x->normal_(mean, std, optional_generator(generator)))
IMAGIC_STATUS(uniform_, (Handle x, double from, double to, at::Generator* generator),
    x->uniform_(from, to, optional_generator(generator)))

/// Copies memory of element type source into a new tensor, converted to the element type and device of options.
IMAGIC_TENSOR(from_memory, (void* data, int32_t source, const int64_t* size, int64_t rank, OptionsArg options),
    leaf(at::from_blob(data, dims(size, rank), at::TensorOptions().dtype(static_cast<at::ScalarType>(source)))
             .to(options.value(), /*non_blocking=*/false, /*copy=*/true),
        options))
