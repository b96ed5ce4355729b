// Products of words in plain vectors of four.
#include "dot_product.h"

#define LANES 4
#define ROWS 4
#define VECTORS 2
#define HAS_FMA 0
#include "../gemm_vectors.inc"

#define FLOAT_TABLE dot_float_portable
#include "dot_float.inc"

// Pairs of 16-bit integers, whose products and their sum fit 32 bits.
#define PREFIX(name) int8_##name
#define TABLE dot_int8_portable
#define SPREAD 2
#define SUM vi
#define DOT(sum, a, b) ((sum) + (((a) << 16) >> 16) * (((b) << 16) >> 16) + ((a) >> 16) * ((b) >> 16))
#include "dot_kernels.inc"
