// Optimizer steps for NEON.
#if defined(__aarch64__)

#define TABLE optimizer_kernels_neon

#include "optimizer_kernels.inc"

#endif
