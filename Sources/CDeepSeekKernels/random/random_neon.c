// Random numbers for NEON.
#if defined(__aarch64__)

#define TABLE random_kernels_neon
#define LANES 4
#define HAS_FMA 0

#include "random_kernels.inc"

#endif
