// Winograd's transforms for AVX2.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE winograd_kernels_avx2
#define LANES 8
#define HAS_FMA 1

#include "transforms.inc"

#pragma clang attribute pop
#endif
