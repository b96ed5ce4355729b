// The vector loops for AVX2 with FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>

#include "table.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE ds_vector_avx2
#define LANES 8
#define HAS_FMA 1
#define HAS_HALF 1
#define ANY(mask) (_mm256_movemask_epi8((__m256i)(mask)) != 0)

#include "all.inc"

#pragma clang attribute pop
#endif
