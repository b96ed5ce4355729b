// The vector loops for any CPU: four floats at a time, which every 64-bit target has.
#include "table.h"

#define TABLE ds_vector_portable
#define LANES 4
#define HAS_FMA 0
#define HAS_HALF 0

#include "all.inc"
