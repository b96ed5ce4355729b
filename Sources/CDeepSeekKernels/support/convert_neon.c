// The 16-bit conversions for NEON.
#if defined(__aarch64__)

#define TABLE ds_convert_neon
#define LANES 4
#define HARDWARE_HALF
#define HAS_FMA 1

#include "convert_kernels.inc"

#endif
