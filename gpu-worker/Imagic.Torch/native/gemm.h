// Float32 matrix products by oneDNN, which libtorch brings along. libtorch 1.13 itself asks a BLAS; where that is Debian's
// OpenBLAS with AVX2 kernels, oneDNN's are twice as fast on a processor with AVX-512, and never slower.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

extern "C" int dnnl_sgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
    int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

namespace imagic {

/// Rows of a matrix whose elements lie next to each other.
struct Rows {
    float* data;
    int64_t stride;

    float* row(int64_t i) const { return data + i * stride; }
    Rows from(int64_t i) const { return {row(i), stride}; }
};

/// C = alpha · op(A) · op(B) + beta · C for C (m, n). Uses all threads, or one where it is called in a parallel region.
inline void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, Rows a, Rows b,
    float beta, Rows c) {
    const int status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a.data, a.stride,
        b.data, b.stride, beta, c.data, c.stride);
    TORCH_CHECK(status == 0, "oneDNN cannot multiply (", m, ", ", k, ") by (", k, ", ", n, "): status ", status);
}

/// The rows of a contiguous tensor, seen as a matrix with so many columns.
inline Rows rows_of(const at::Tensor& x, int64_t columns) { return {x.data_ptr<float>(), columns}; }

}  // namespace imagic
