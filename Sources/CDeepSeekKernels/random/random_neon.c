// Random numbers for NEON.
#if defined(__aarch64__)

#define TABLE random_kernels_neon
#define LANES 4
#define FMA(a, b, c) ((a) * (b) + (c))

#include "random_kernels.inc"

#endif
