// Cross-entropy in plain vectors of four, which every compiler target turns into something. No fused multiply-add: without
// hardware for it, it is a library call per element.
#define TABLE loss_kernels_portable
#define LANES 4
#define HAS_FMA 0

#include "loss_kernels.inc"
