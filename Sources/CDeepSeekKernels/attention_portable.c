// Attention in plain vectors of four.
#define TABLE attention_kernels_portable
#define LANES 4
#define HAS_FMA 0

#include "attention_kernels.inc"
