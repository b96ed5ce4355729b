// Optimizer steps for whatever vectors the compiler target has from the start.
#define TABLE optimizer_kernels_portable

#include "optimizer_kernels.inc"
