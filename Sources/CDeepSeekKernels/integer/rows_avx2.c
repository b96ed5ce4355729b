// The integer product for AVX2.
#if defined(__x86_64__)
#include "rows.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define TABLE ds_integer_avx2
#define VECTOR_BYTES 32

#include "rows.inc"

#pragma clang attribute pop
#endif
