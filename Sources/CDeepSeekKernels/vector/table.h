// The inner loops of one instruction set, all on contiguous memory. The families' drivers see to strides, types and
// threads, and call these. Internal to the kernels.
#ifndef DS_VECTOR_TABLE_H
#define DS_VECTOR_TABLE_H

#include <math.h>
#include <string.h>

#include "ds_elementwise.h"
#include "ds_isa.h"
#include "../support/cache.h"

// Element types that are computed on as they are; float16 and bfloat16 go through float32.
enum { ARITHMETIC_TYPES = 10 };

typedef void (*unary_loop)(const void *x, void *out, int64_t n, const double *parameters);
typedef void (*slope_loop)(const void *x, const void *dy, void *out, int64_t n, const double *parameters);
typedef void (*binary_loop)(const void *x, const void *y, void *out, int64_t n);
typedef void (*fake_quantize_loop)(const void *const in[], void *out, int64_t n, const double *limits);
typedef void (*convert_loop)(const void *from, void *to, int64_t n);

// What the loops of reduce.inc do with the elements.
typedef enum reduce_step {
  REDUCE_sum,
  REDUCE_squares,
  REDUCE_exponentials,  // e^(x - shift)
  REDUCE_nonzero,       // how many are not zero
  REDUCE_product,
  REDUCE_max,
  REDUCE_min,
  REDUCE_deviations,  // (x - shift)^2
  REDUCE_exact_sum,   // each element in double
  REDUCE_STEPS
} reduce_step;
typedef double (*row_loop)(const void *x, int64_t n, double total, double shift);
typedef void (*columns_loop)(const void *x, int64_t stride, int64_t rows, int64_t n, double *totals,
                             const double *shift);
typedef struct reduce_loops {
  row_loop row;
  columns_loop columns;
} reduce_loops;
typedef struct reduce_table {
  reduce_loops loops[REDUCE_STEPS][2];  // float32 and float64
  float (*largest_f32)(const float *x, int64_t n);
} reduce_table;

// Softmax of float32; each loop says what it does in softmax.inc.
typedef struct softmax_table {
  void (*row)(const float *x, float *y, int64_t n);
  void (*log_row)(const float *x, float *y, int64_t n);
  void (*row_backward)(const float *y, const float *dy, float *dx, int64_t n);
  void (*log_row_backward)(const float *y, const float *dy, float *dx, int64_t n);
} softmax_table;

typedef struct vector_table {
  unary_loop unary[ARITHMETIC_TYPES][DS_UNARY_COUNT];
  slope_loop slope[2][DS_UNARY_COUNT];  // float32 and float64
  binary_loop binary[ARITHMETIC_TYPES][DS_BINARY_COUNT];
  // Of float32, past the caches, where an operator does no more than move memory: whole lines, `out` at a line's beginning.
  // The caller calls ds_finish_streams.
  binary_loop binary_streamed[DS_BINARY_COUNT];
  fake_quantize_loop fake_quantize[2][DS_FAKE_QUANTIZE_PARTS];  // float32 and float64
  // From float32 to the 16-bit floats and back, by their dtype.
  convert_loop from_float[ARITHMETIC_TYPES], to_float[ARITHMETIC_TYPES];
  bool (*finite_f32)(const float *x, int64_t n);
  bool (*finite_f64)(const double *x, int64_t n);
  void (*accumulate_f32)(const float *x, float *out, int64_t n, float scale);
  void (*accumulate_f64)(const double *x, double *out, int64_t n, double scale);
  const reduce_table *reduce;
  const softmax_table *softmax;
} vector_table;

extern const vector_table ds_vector_portable, ds_vector_neon, ds_vector_avx2, ds_vector_avx512;

// The loops of the instruction set in use.
static inline const vector_table *vector_loops(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_VNNI:
    case DS_ISA_AVX512_BF16:
    case DS_ISA_AMX:
      return &ds_vector_avx512;
    case DS_ISA_AVX2:
    case DS_ISA_AVX2_VNNI:
      return &ds_vector_avx2;
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return &ds_vector_neon;
#endif
    default:
      return &ds_vector_portable;
  }
}

#endif
