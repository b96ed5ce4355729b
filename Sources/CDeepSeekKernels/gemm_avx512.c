// The float32 product for AVX-512: 32 registers, of which a 14 x 32 tile takes 28 and its operands 3. Measured on
// Zen 5, tiles of 8 to 14 rows by 32 columns all run at 98% of the FMA peak; the tallest reads B the least often.
#include "gemm_internal.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)

#define TABLE gemm_kernels_avx512
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define HAS_FMA 1

#include "gemm_kernels.inc"

#pragma clang attribute pop
#endif
