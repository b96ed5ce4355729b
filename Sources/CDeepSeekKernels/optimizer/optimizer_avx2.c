// Optimizer steps for AVX2 and FMA.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE optimizer_kernels_avx2

#include "optimizer_kernels.inc"

#pragma clang attribute pop
#endif
