// Products of words for AVX2: 16 registers, of which a 6 x 16 tile takes 12 and its operands 4.
#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define LANES 8
#define ROWS 6
#define VECTORS 2
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define FLOAT_TABLE dot_float_avx2
#include "dot_float.inc"

// Pairs of 16-bit integers, whose products and their sum fit 32 bits.
#define PREFIX(name) int8_##name
#define TABLE dot_int8_avx2
#define SPREAD 2
#define SUM vi
#define DOT(sum, a, b) ((sum) + (vi)_mm256_madd_epi16((__m256i)(a), (__m256i)(b)))
#include "dot_kernels.inc"
#undef PREFIX
#undef TABLE
#undef SPREAD
#undef DOT

// Bytes, those of the left side no more than 127, so that two products and their sum fit 16 bits.
#define PREFIX(name) int7_##name
#define TABLE dot_int7_avx2
#define SPREAD 1
#define DOT(sum, a, b) \
  ((sum) + (vi)_mm256_madd_epi16(_mm256_maddubs_epi16((__m256i)(a), (__m256i)(b)), _mm256_set1_epi16(1)))
#include "dot_kernels.inc"

#pragma clang attribute pop
#endif
