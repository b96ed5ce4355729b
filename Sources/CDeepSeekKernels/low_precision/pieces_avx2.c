// The loops of the low-precision products for AVX2.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE pieces_avx2
#define LANES 8
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#include "pieces.inc"

#pragma clang attribute pop
#endif
