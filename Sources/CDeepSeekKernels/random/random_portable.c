// Random numbers in plain vectors of four, which every compiler target turns into something. No fused multiply-add: without
// hardware for it, it is a library call per element.
#define TABLE random_kernels_portable
#define LANES 4
#define HAS_FMA 0

#include "random_kernels.inc"
