// Matrix products in float32, row-major: C = alpha * op(A) op(B) + beta * C, with what usually follows a product done
// while its result is still in the first-level cache. Every sum runs over k in one order that depends neither on the
// number of threads nor on the tile an element falls into, so a product repeats bit for bit.
//
// The blocking follows Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008),
// and Van Zee and van de Geijn, "BLIS", ACM TOMS 41 (2015).
#ifndef DS_GEMM_H
#define DS_GEMM_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ds_activation {
  DS_ACTIVATION_NONE = 0,
  DS_ACTIVATION_RELU = 1,
  DS_ACTIVATION_GELU = 2,       // x * Phi(x), the exact form, by the error function
  DS_ACTIVATION_GELU_TANH = 3,  // the approximation by tanh
  DS_ACTIVATION_SILU = 4,
  DS_ACTIVATION_TANH = 5,
  DS_ACTIVATION_SIGMOID = 6
} ds_activation;

// What is done to the product P = alpha * op(A) op(B) + beta * C: C = activation(P + bias) + residual.
// All zero: nothing. No array here may overlap C.
typedef struct ds_epilogue {
  const float *bias;               // [n], or NULL
  int32_t activation;              // ds_activation
  float *preactivation;            // [m, n]: receives P + bias, which training needs; or NULL
  int64_t preactivation_stride;    // elements from row to row
  const float *residual;           // [m, n], or NULL
  int64_t residual_stride;         // elements from row to row
} ds_epilogue;

// C [m, n] = alpha * op(A) [m, k] op(B) [k, n] + beta * C, then the epilogue (NULL: none). `transpose_a` means that A
// is stored as [k, m], `transpose_b` that B is stored as [n, k]; `lda`, `ldb`, `ldc` count elements from row to row
// as stored. With beta 0, C is written and never read; with k 0 or alpha 0, A and B are not read. C may not overlap
// A or B. DS_INVALID_SHAPE for a negative size, a row stride shorter than its row, or an unknown activation.
ds_status ds_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                  int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc,
                  const ds_epilogue *epilogue);

// The same product for every index of a batch of shape batch_shape [batch_rank]. The strides, in elements, say how
// far apart the matrices lie along each batch dimension; zero repeats a matrix (broadcast), though not C's. The
// epilogue's bias is shared by the batch; `preactivation` and `residual` must be NULL.
ds_status ds_gemm_batched(int32_t batch_rank, const int64_t *batch_shape, const int64_t *a_strides,
                          const int64_t *b_strides, const int64_t *c_strides, bool transpose_a, bool transpose_b,
                          int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b,
                          int64_t ldb, float beta, float *c, int64_t ldc, const ds_epilogue *epilogue);

// A right-hand matrix laid out once for many products, as a layer's weights are: panels of 32 columns, each holding
// its k rows one after the other, the last panel filled up with zeros. The layout is the same on every instruction
// set. Give it memory aligned to 64 bytes.

// The number of float32 elements that a packed [k, n] matrix takes; -1 when that is negative or overflows.
int64_t ds_gemm_packed_size(int64_t n, int64_t k);

// Packs op(B) [k, n]; `ldb` as in ds_gemm.
ds_status ds_gemm_pack(bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb, float *packed);

// C [m, n] = A [m, k] B + beta * C, then the epilogue, for a B that ds_gemm_pack laid out.
ds_status ds_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed,
                         float beta, float *c, int64_t ldc, const ds_epilogue *epilogue);

#ifdef __cplusplus
}
#endif
#endif
