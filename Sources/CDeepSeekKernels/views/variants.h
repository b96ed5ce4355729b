// Choosing among the variants of a function that were compiled for each instruction set: name_portable, and on x86-64
// name_avx2 and name_avx512. (On aarch64 the portable build already uses NEON.)
#ifndef DSV_VARIANTS_H
#define DSV_VARIANTS_H

#include "ds_isa.h"

#if defined(__x86_64__)
#define DSV_VARIANT(name)                                        \
  (ds_isa_current() >= DS_ISA_AVX512 ? name##_avx512             \
   : ds_isa_current() >= DS_ISA_AVX2 ? name##_avx2               \
                                     : name##_portable)
#else
#define DSV_VARIANT(name) (name##_portable)
#endif

// The variants of a function for the four float types, to be indexed by dtype.
#define DSV_FLOAT_VARIANTS(name) \
  {DSV_VARIANT(name##_float32), DSV_VARIANT(name##_float64), DSV_VARIANT(name##_float16), DSV_VARIANT(name##_bfloat16)}

#endif
