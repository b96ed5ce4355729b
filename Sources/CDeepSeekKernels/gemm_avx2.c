// The float32 product for AVX2 and FMA: 16 registers, of which a 6 x 16 tile takes 12 and its operands 3.
#include "gemm_internal.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE gemm_kernels_avx2
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define HAS_FMA 1

#include "gemm_kernels.inc"

#pragma clang attribute pop
#endif
