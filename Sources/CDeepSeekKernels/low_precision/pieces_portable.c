// The loops of the low-precision products in plain vectors of four.
#define TABLE pieces_portable
#define LANES 4
#define HAS_FMA 0
#include "../gemm_vectors.inc"

#include "pieces.inc"
