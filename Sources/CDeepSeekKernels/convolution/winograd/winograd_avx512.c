// Winograd's transforms for AVX-512.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)

#define TABLE winograd_kernels_avx512
#define LANES 16
#define HAS_FMA 1

#include "transforms.inc"

#pragma clang attribute pop
#endif
