// Products of words for NEON.
#include "dot_product.h"

#if defined(__aarch64__)

#define LANES 4
#define ROWS 4
#define VECTORS 4
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#define FLOAT_TABLE dot_float_neon
#include "dot_float.inc"

// Pairs of 16-bit integers, whose products and their sum fit 32 bits.
#define PREFIX(name) int8_##name
#define TABLE dot_int8_neon
#define SPREAD 2
#define SUM vi
#define DOT(sum, a, b) ((sum) + (((a) << 16) >> 16) * (((b) << 16) >> 16) + ((a) >> 16) * ((b) >> 16))
#include "dot_kernels.inc"

#endif
