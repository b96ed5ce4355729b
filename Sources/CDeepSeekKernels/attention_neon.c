// Attention for NEON.
#include "attention_internal.h"

#if defined(__aarch64__)

#define TABLE attention_kernels_neon
#define LANES 4
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)

#include "attention_kernels.inc"

#endif
