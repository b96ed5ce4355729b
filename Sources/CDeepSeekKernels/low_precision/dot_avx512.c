// Products of words for AVX-512: 32 registers, of which a 14 x 32 tile takes 28 and its operands 3.
#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)

#define LANES 16
#define ROWS 14
#define VECTORS 2
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define FLOAT_TABLE dot_float_avx512
#include "dot_float.inc"

// Pairs of 16-bit integers, whose products and their sum fit 32 bits.
#define PREFIX(name) int8_##name
#define TABLE dot_int8_avx512
#define SPREAD 2
#define SUM vi
#define DOT(sum, a, b) ((sum) + (vi)_mm512_madd_epi16((__m512i)(a), (__m512i)(b)))
#include "dot_kernels.inc"
#undef PREFIX
#undef TABLE
#undef SPREAD
#undef DOT

// Bytes, those of the left side no more than 127, so that two products and their sum fit 16 bits.
#define PREFIX(name) int7_##name
#define TABLE dot_int7_avx512
#define SPREAD 1
#define DOT(sum, a, b) \
  ((sum) + (vi)_mm512_madd_epi16(_mm512_maddubs_epi16((__m512i)(a), (__m512i)(b)), _mm512_set1_epi16(1)))
#include "dot_kernels.inc"

#pragma clang attribute pop
#endif
