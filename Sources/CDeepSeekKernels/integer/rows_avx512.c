// The integer product for AVX-512.
#if defined(__x86_64__)
#include "rows.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)

#define TABLE ds_integer_avx512
#define VECTOR_BYTES 64

#include "rows.inc"

#pragma clang attribute pop
#endif
