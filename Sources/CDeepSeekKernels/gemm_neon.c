// The float32 product for NEON: 32 registers, of which a 6 x 16 tile takes 24 and its operands 5.
#include "gemm_internal.h"

#if defined(__aarch64__)

#define TABLE gemm_kernels_neon
#define LANES 4
#define ROWS 6
#define VECTORS 4
#define HAS_FMA 1

#include "gemm_kernels.inc"

#endif
