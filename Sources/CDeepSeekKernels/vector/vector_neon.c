// The vector loops for NEON, which every aarch64 CPU has.
#if defined(__aarch64__)
#include "table.h"

#define TABLE ds_vector_neon
#define LANES 4
#define HAS_FMA 1
#define HAS_HALF 1

#include "all.inc"
#endif
