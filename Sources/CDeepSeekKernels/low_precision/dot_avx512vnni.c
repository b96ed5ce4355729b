// Products of bytes for AVX-512 VNNI.
#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

#define LANES 16
#define ROWS 14
#define VECTORS 2
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define PREFIX(name) int8_##name
#define TABLE dot_int8_avx512vnni
#define SPREAD 1
#define SUM vi
#define DOT(sum, a, b) ((vi)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(a), (__m512i)(b)))
#include "dot_kernels.inc"

#pragma clang attribute pop
#endif
