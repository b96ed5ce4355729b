// Normalizations for NEON.
#if defined(__aarch64__)

#define TABLE norm_kernels_neon
#define LANES 4
#define HAS_FMA 1

#include "norm_kernels.inc"

#endif
