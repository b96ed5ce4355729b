// The inner loops of one instruction set, all on contiguous memory. The families' drivers see to strides, types and
// threads, and call these. Internal to the kernels.
#ifndef DS_VECTOR_TABLE_H
#define DS_VECTOR_TABLE_H

#include <math.h>
#include <string.h>

#include "ds_elementwise.h"
#include "ds_isa.h"

// Element types that are computed on as they are; float16 and bfloat16 go through float32.
enum { ARITHMETIC_TYPES = 10 };

typedef void (*unary_loop)(const void *x, void *out, int64_t n, const double *parameters);
typedef void (*slope_loop)(const void *x, const void *dy, void *out, int64_t n, const double *parameters);
typedef void (*binary_loop)(const void *x, const void *y, void *out, int64_t n);
typedef void (*convert_loop)(const void *from, void *to, int64_t n);

typedef struct vector_table {
  unary_loop unary[ARITHMETIC_TYPES][DS_UNARY_COUNT];
  slope_loop slope[2][DS_UNARY_COUNT];  // float32 and float64
  binary_loop binary[ARITHMETIC_TYPES][DS_BINARY_COUNT];
  // From float32 to the 16-bit floats and back, by their dtype.
  convert_loop from_float[ARITHMETIC_TYPES], to_float[ARITHMETIC_TYPES];
  bool (*finite_f32)(const float *x, int64_t n);
  bool (*finite_f64)(const double *x, int64_t n);
  void (*accumulate_f32)(const float *x, float *out, int64_t n, float scale);
  void (*accumulate_f64)(const double *x, double *out, int64_t n, double scale);
  struct reduce_table const *reduce;
  struct rows_table const *rows;
  struct optimizer_table const *optimizer;
  struct random_table const *random;
} vector_table;

extern const vector_table vector_portable, vector_neon, vector_avx2, vector_avx512;

// The loops of the instruction set in use.
static inline const vector_table *vector_loops(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_BF16:
      return &vector_avx512;
    case DS_ISA_AVX2:
      return &vector_avx2;
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return &vector_neon;
#endif
    default:
      return &vector_portable;
  }
}

#endif
