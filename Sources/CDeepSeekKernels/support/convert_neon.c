// The 16-bit conversions for NEON.
#if defined(__aarch64__)

#define TABLE ds_convert_neon
#define LANES 4
#define HARDWARE_HALF
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)

#include "convert_kernels.inc"

#endif
