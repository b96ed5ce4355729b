// Matrix products in low precision, row-major: bfloat16 by bfloat16, 8-bit by 8-bit integers, and float32 by weights that are
// kept in 8 or 4 bits. Sums are taken in float32, or exactly in 32-bit integers.
//
// Packed forms are the same on every instruction set: panels of 32 columns, in each, step by step of k, one 32-bit word a
// column: two bfloat16, four 8-bit or eight 4-bit values that follow one another in k.
#ifndef DS_LOW_PRECISION_H
#define DS_LOW_PRECISION_H

#include "ds_gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

// A matrix [m, k] of float32 or bfloat16, or its transpose as stored; `stride` counts elements from row to row as stored.
typedef struct ds_matrix {
  const void *data;
  int32_t dtype;  // DS_FLOAT32 or DS_BFLOAT16
  bool transposed;
  int64_t stride;
} ds_matrix;

// Where a result [m, n] goes: float32, or rounded once to bfloat16.
typedef struct ds_result {
  void *data;
  int32_t dtype;
  int64_t stride;
} ds_result;

// The bytes that a packed [k, n] matrix of bfloat16 takes; -1 when a size is negative or that overflows.
int64_t ds_bf16_packed_size(int64_t n, int64_t k);

// Packs B [k, n], float32 elements rounded to nearest. Give it memory aligned to 64 bytes.
ds_status ds_bf16_pack(int64_t n, int64_t k, ds_matrix b, void *packed);

// C = A B, then the epilogue (NULL: none), for A [m, k], whose float32 elements are rounded to bfloat16, and a packed B.
// Products are exact and sums float32, in an order that the instruction set decides. The epilogue's `preactivation` must be
// NULL. DS_UNSUPPORTED_DTYPE for other element types, DS_INVALID_SHAPE for negative sizes and rows longer than their stride.
ds_status ds_bf16_gemm_packed(int64_t m, int64_t n, int64_t k, ds_matrix a, const void *packed, ds_result c,
                              const ds_epilogue *epilogue);

// The same for a B that is used once.
ds_status ds_bf16_gemm(int64_t m, int64_t n, int64_t k, ds_matrix a, ds_matrix b, ds_result c, const ds_epilogue *epilogue);

// What a weight [n outputs, k inputs] in few bits looks like: w = (q - zero point) * scale.
typedef struct ds_quantized_shape {
  int64_t n, k;
  int32_t bits;          // 8 (signed), or 4 (two to a byte, the first in the low bits)
  bool has_zero_points;  // int8, or uint8 for 4 bits; without, 0, or 8 for 4 bits
  int64_t group_size;    // inputs that share a scale: a multiple of 32 that divides k; or 0: all of an output's
} ds_quantized_shape;

// The bytes of the packed form, which holds values, scales and zero points; -1 for a shape that is not allowed.
int64_t ds_quantized_packed_size(const ds_quantized_shape *shape);

// Packs values [n, k * bits / 8 bytes], scales [n, groups] and zero points [n, groups] (NULL where there are none), all without
// gaps. Give it memory aligned to 64 bytes.
ds_status ds_quantized_pack(const ds_quantized_shape *shape, const void *values, const float *scales, const void *zero_points,
                            void *packed);

// Where the parts of a packed weight lie, each on a multiple of 64 bytes and, in its own memory, of such a length: values
// [panels, steps, 32] words; scales and zero points [panels, groups, 32]; sums of the 8-bit values of a column [panels, 32].
typedef struct ds_quantized_weight {
  const void *values;
  const float *scales, *zero_points;  // zero points less 8 for 4 bits; NULL: none
  const int32_t *sums;                // what ds_int8_gemm reads; NULL for 4 bits
} ds_quantized_weight;

// The parts of what ds_quantized_pack wrote to `packed`; all NULL for a shape that is not allowed.
ds_quantized_weight ds_quantized_parts(const ds_quantized_shape *shape, const void *packed);

// C [m, n] = A Wᵀ, then the epilogue (no `preactivation`), for A of either type: the weight is turned into float32 on the way.
ds_status ds_quantized_gemm(const ds_quantized_shape *shape, ds_quantized_weight weight, int64_t m, ds_matrix a, ds_result c,
                            const ds_epilogue *epilogue);

// How A is quantized to 0 ... 255, or in 7 bits to 0 ... 127: x = (q - zero_point) * scale, where q is x times 1 / scale, rounded
// to even, and the zero point, clamped. Two products of 7 by 8 bits fit 16 bits, which makes processors without a product of
// bytes that is exact (x86 before VNNI) a third faster.
typedef struct ds_quantized_input {
  int32_t bits;        // 8 or 7
  bool is_dynamic;     // scale and zero point row by row, from the smallest and largest elements and zero
  float scale;         // else these
  int32_t zero_point;
} ds_quantized_input;

// The largest k of ds_int8_gemm: beyond it sums might not fit 32 bits.
enum { DS_INT8_MAX_DEPTH = 32768 };

// C [m, n] = A Wᵀ, then the epilogue (no `preactivation`), for a float32 A that is not transposed, quantized first, and a weight
// of 8 bits without groups. Sums are exact, so that the result before an activation is the same bit for bit on every
// instruction set. A row that holds NaN gives NaN when the input is dynamic; else NaN counts as zero.
ds_status ds_int8_gemm(const ds_quantized_shape *shape, ds_quantized_weight weight, int64_t m, ds_matrix a, ds_quantized_input input,
                       ds_result c, const ds_epilogue *epilogue);

#ifdef __cplusplus
}
#endif
#endif
