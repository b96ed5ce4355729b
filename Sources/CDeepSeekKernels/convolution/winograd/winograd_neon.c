// Winograd's transforms for NEON.
#if defined(__aarch64__)

#define TABLE winograd_kernels_neon
#define LANES 4
#define HAS_FMA 1

#include "transforms.inc"

#endif
