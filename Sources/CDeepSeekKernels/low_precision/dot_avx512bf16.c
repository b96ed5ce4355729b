// Products of pairs of bfloat16 for AVX-512 BF16.
#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)

#define LANES 16
#define ROWS 14
#define VECTORS 2
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define PREFIX(name) bf16_##name
#define TABLE dot_bf16_avx512bf16
#define SPREAD 1
#define SUM vf
#define DOT(sum, a, b) ((vf)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b)))
#include "dot_kernels.inc"

#pragma clang attribute pop
#endif
