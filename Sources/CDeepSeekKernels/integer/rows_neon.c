// The integer product for NEON, which every aarch64 CPU has.
#if defined(__aarch64__)
#include "rows.h"

#define TABLE ds_integer_neon
#define VECTOR_BYTES 16

#include "rows.inc"
#endif
