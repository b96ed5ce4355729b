// Attention for NEON.
#include "attention_internal.h"

#if defined(__aarch64__)

#define TABLE attention_kernels_neon
#define LANES 4
#define HAS_FMA 1

#include "attention_kernels.inc"

#endif
