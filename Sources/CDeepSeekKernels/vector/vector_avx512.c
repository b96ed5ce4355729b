// The vector loops for AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include "table.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)

#define TABLE ds_vector_avx512
#define LANES 16
#define HAS_FMA 1
#define HAS_HALF 1
#define ANY(mask) (_mm512_movepi32_mask((__m512i)(mask)) != 0)
#define NORMAL_TABLE 1
#define SCALE(p, n) ((vf)_mm512_scalef_ps((__m512)(p), (__m512)(n)))

#include "all.inc"

#pragma clang attribute pop
#endif
