// Winograd's transforms in plain vectors of four.
#define TABLE winograd_kernels_portable
#define LANES 4
#define HAS_FMA 0

#include "transforms.inc"
