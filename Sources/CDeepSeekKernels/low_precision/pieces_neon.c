// The loops of the low-precision products for NEON.
#if defined(__aarch64__)

#define TABLE pieces_neon
#define LANES 4
#define HAS_FMA 1
#include "../gemm_vectors.inc"

#include "pieces.inc"

#endif
