// Products of bytes for AVX-VNNI.
#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#define LANES 8
#define ROWS 6
#define VECTORS 2
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define PREFIX(name) int8_##name
#define TABLE dot_int8_avx2vnni
#define SPREAD 1
#define SUM vi
#define DOT(sum, a, b) ((vi)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(a), (__m256i)(b)))
#include "dot_kernels.inc"

#pragma clang attribute pop
#endif
