// Attention in plain vectors of four.
#define TABLE attention_kernels_portable
#define LANES 4
#define FMA(a, b, c) ((a) * (b) + (c))

#include "attention_kernels.inc"
