// Cross-entropy for NEON.
#if defined(__aarch64__)

#define TABLE loss_kernels_neon
#define LANES 4
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)

#include "loss_kernels.inc"

#endif
