// Cross-entropy for AVX2 and FMA.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE loss_kernels_avx2
#define LANES 8
#define HAS_FMA 1

#include "loss_kernels.inc"

#pragma clang attribute pop
#endif
