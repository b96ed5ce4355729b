// The float32 product in plain vectors of four, which every compiler target turns into something. No fused
// multiply-add here: without hardware for it, it is a library call per element.
#define TABLE gemm_kernels_portable
#define LANES 4
#define ROWS 4
#define VECTORS 2
#define HAS_FMA 0

#include "gemm_kernels.inc"
