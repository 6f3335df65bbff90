// What a tensor is (shape, type, place), views of it, joining, splitting, indexing and moving.
#include "shim.h"

#include <ATen/TensorIndexing.h>

#include <algorithm>

using namespace imagic;

IMAGIC_EXPORT int64_t imagic_dim(Handle x) { return x->dim(); }
IMAGIC_EXPORT int64_t imagic_numel(Handle x) { return x->numel(); }
IMAGIC_EXPORT int32_t imagic_dtype(Handle x) { return static_cast<int32_t>(x->scalar_type()); }
IMAGIC_EXPORT int64_t imagic_element_size(Handle x) { return static_cast<int64_t>(x->element_size()); }
IMAGIC_EXPORT DeviceArg imagic_device(Handle x) {
    const auto device = x->device();
    return {static_cast<int32_t>(device.type()), device.index()};
}
IMAGIC_EXPORT bool imagic_is_contiguous(Handle x) { return x->is_contiguous(); }
IMAGIC_EXPORT bool imagic_is_pinned(Handle x) { return guarded(false, [&] { return x->is_pinned(); }); }
IMAGIC_EXPORT int64_t imagic_storage_offset(Handle x) { return x->storage_offset(); }
IMAGIC_EXPORT void imagic_sizes(Handle x, int64_t* out) { std::copy_n(x->sizes().begin(), x->dim(), out); }
IMAGIC_EXPORT void imagic_strides(Handle x, int64_t* out) { std::copy_n(x->strides().begin(), x->dim(), out); }
IMAGIC_EXPORT void* imagic_data(Handle x) { return guarded<void*>(nullptr, [&] { return x->data_ptr(); }); }

IMAGIC_TENSOR(view, (Handle x, const int64_t* shape, int64_t rank), x->view(dims(shape, rank)))
IMAGIC_TENSOR(reshape, (Handle x, const int64_t* shape, int64_t rank), x->reshape(dims(shape, rank)))
IMAGIC_TENSOR(permute, (Handle x, const int64_t* order, int64_t rank), x->permute(dims(order, rank)))
IMAGIC_TENSOR(expand, (Handle x, const int64_t* size, int64_t rank), x->expand(dims(size, rank)))
IMAGIC_TENSOR(repeat, (Handle x, const int64_t* times, int64_t rank), x->repeat(dims(times, rank)))
IMAGIC_TENSOR(tile, (Handle x, const int64_t* times, int64_t rank), x->tile(dims(times, rank)))
IMAGIC_TENSOR(flip, (Handle x, const int64_t* axes, int64_t count), x->flip(dims(axes, count)))
IMAGIC_TENSOR(roll, (Handle x, const int64_t* shifts, int64_t shift_count, const int64_t* axes, int64_t axis_count),
    x->roll(dims(shifts, shift_count), dims(axes, axis_count)))
IMAGIC_TENSOR(as_strided, (Handle x, const int64_t* size, int64_t rank, const int64_t* strides, int64_t offset),
    x->as_strided(dims(size, rank), dims(strides, rank), offset))
IMAGIC_TENSOR(transpose, (Handle x, int64_t a, int64_t b), x->transpose(a, b))
IMAGIC_TENSOR(t, (Handle x), x->t())
IMAGIC_TENSOR(contiguous, (Handle x), x->contiguous())
IMAGIC_TENSOR(flatten, (Handle x, int64_t start, int64_t end), x->flatten(start, end))
IMAGIC_TENSOR(unflatten, (Handle x, int64_t dim, const int64_t* size, int64_t rank),
    x->unflatten(dim, dims(size, rank)))
IMAGIC_TENSOR(squeeze, (Handle x), x->squeeze())
IMAGIC_TENSOR(squeeze_dim, (Handle x, int64_t dim), x->squeeze(dim))
IMAGIC_TENSOR(unsqueeze, (Handle x, int64_t dim), x->unsqueeze(dim))
IMAGIC_TENSOR(narrow, (Handle x, int64_t dim, int64_t start, int64_t length), x->narrow(dim, start, length))
IMAGIC_TENSOR(select, (Handle x, int64_t dim, int64_t index), x->select(dim, index))
IMAGIC_TENSOR(slice, (Handle x, int64_t dim, int64_t start, int64_t end, int64_t step), x->slice(dim, start, end, step))
IMAGIC_TENSOR(diagonal, (Handle x, int64_t offset, int64_t dim1, int64_t dim2), x->diagonal(offset, dim1, dim2))
IMAGIC_TENSOR(alias, (Handle x), x->alias())

IMAGIC_TENSOR(index_select, (Handle x, int64_t dim, Handle index), x->index_select(dim, *index))
IMAGIC_TENSOR(gather, (Handle x, int64_t dim, Handle index), x->gather(dim, *index))
IMAGIC_TENSOR(scatter, (Handle x, int64_t dim, Handle index, Handle source), x->scatter(dim, *index, *source))
IMAGIC_STATUS(index_add_, (Handle x, int64_t dim, Handle index, Handle source, ScalarArg alpha),
    x->index_add_(dim, *index, *source, alpha.value()))
IMAGIC_STATUS(index_copy_, (Handle x, int64_t dim, Handle index, Handle source), x->index_copy_(dim, *index, *source))
IMAGIC_TENSOR(repeat_interleave, (Handle x, int64_t repeats, int64_t dim, bool has_dim),
    x->repeat_interleave(repeats, has_dim ? optional<int64_t>(dim) : none))

IMAGIC_TENSOR(cat, (const Handle* parts, int64_t count, int64_t dim), at::cat(tensors(parts, count), dim))
IMAGIC_TENSOR(stack, (const Handle* parts, int64_t count, int64_t dim), at::stack(tensors(parts, count), dim))

IMAGIC_EXPORT int64_t imagic_chunk(Handle x, int64_t chunks, int64_t dim, Handle* out, int64_t capacity) {
    return tensor_list(out, capacity, [&] { return x->chunk(chunks, dim); });
}
IMAGIC_EXPORT int64_t imagic_split(Handle x, int64_t size, int64_t dim, Handle* out, int64_t capacity) {
    return tensor_list(out, capacity, [&] { return x->split(size, dim); });
}
IMAGIC_EXPORT int64_t imagic_split_with_sizes(
    Handle x, const int64_t* sizes, int64_t count, int64_t dim, Handle* out, int64_t capacity) {
    return tensor_list(out, capacity, [&] { return x->split_with_sizes(dims(sizes, count), dim); });
}
IMAGIC_EXPORT int64_t imagic_unbind(Handle x, int64_t dim, Handle* out, int64_t capacity) {
    return tensor_list(out, capacity, [&] { return x->unbind(dim); });
}
IMAGIC_EXPORT int64_t imagic_meshgrid(
    const Handle* axes, int64_t count, bool xy, Handle* out, int64_t capacity) {
    return tensor_list(out, capacity, [&] { return at::meshgrid(tensors(axes, count), xy ? "xy" : "ij"); });
}

IMAGIC_TENSOR(clone, (Handle x), x->clone())
IMAGIC_TENSOR(pin_memory, (Handle x), x->pin_memory())
IMAGIC_TENSOR(to, (Handle x, int32_t dtype, DeviceArg device, bool non_blocking, bool copy),
    x->to(at::TensorOptions().dtype(optional_dtype(dtype)).device(device.optional()), non_blocking, copy))
IMAGIC_STATUS(copy_, (Handle x, Handle source, bool non_blocking), x->copy_(*source, non_blocking))
IMAGIC_STATUS(set_, (Handle x, Handle source), x->set_(*source))
IMAGIC_STATUS(fill_, (Handle x, ScalarArg value), x->fill_(value.value()))
IMAGIC_STATUS(zero_, (Handle x), x->zero_())

/// One entry of x[...]. Mirrors TorchSharp.NativeIndex.
struct IndexArg {
    enum Kind : int64_t { None, Ellipsis, Integer, Boolean, Slice, Tensor };
    Kind kind;
    int64_t start;
    int64_t stop;
    int64_t step;
    Handle tensor;
};

namespace {
std::vector<at::indexing::TensorIndex> indices(const IndexArg* entries, int64_t count) {
    std::vector<at::indexing::TensorIndex> result;
    result.reserve(count);
    for (const auto* entry = entries; entry != entries + count; ++entry) {
        switch (entry->kind) {
            case IndexArg::None: result.emplace_back(at::indexing::None); break;
            case IndexArg::Ellipsis: result.emplace_back(at::indexing::Ellipsis); break;
            case IndexArg::Integer: result.emplace_back(entry->start); break;
            case IndexArg::Boolean: result.emplace_back(entry->start != 0); break;
            case IndexArg::Slice:
                result.emplace_back(at::indexing::Slice(entry->start, entry->stop, entry->step));
                break;
            case IndexArg::Tensor: result.emplace_back(*entry->tensor); break;
        }
    }
    return result;
}
}  // namespace

IMAGIC_TENSOR(index, (Handle x, const IndexArg* entries, int64_t count), x->index(indices(entries, count)))
IMAGIC_STATUS(index_put_, (Handle x, const IndexArg* entries, int64_t count, Handle value),
    x->index_put_(indices(entries, count), *value))
IMAGIC_STATUS(index_put_scalar_, (Handle x, const IndexArg* entries, int64_t count, ScalarArg value),
    x->index_put_(indices(entries, count), value.value()))
