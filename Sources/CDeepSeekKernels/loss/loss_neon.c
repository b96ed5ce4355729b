// Cross-entropy for NEON.
#if defined(__aarch64__)

#define TABLE loss_kernels_neon
#define LANES 4
#define HAS_FMA 1

#include "loss_kernels.inc"

#endif
