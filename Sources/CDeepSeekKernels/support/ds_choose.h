// Picks a family's table of kernels for the instruction set in use, from tables named <family>_<set>.
#ifndef DS_CHOOSE_H
#define DS_CHOOSE_H

#include "../include/ds_isa.h"

#if defined(__x86_64__)
#define DS_CHOOSE(family)                                           \
  (ds_isa_current() >= DS_ISA_AVX512 ? &family##_avx512             \
   : ds_isa_current() >= DS_ISA_AVX2 ? &family##_avx2 : &family##_portable)
#elif defined(__aarch64__)
#define DS_CHOOSE(family) (ds_isa_current() == DS_ISA_NEON ? &family##_neon : &family##_portable)
#else
#define DS_CHOOSE(family) (&family##_portable)
#endif

#endif
