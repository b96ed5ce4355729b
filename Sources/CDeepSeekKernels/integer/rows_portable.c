// The integer product for any CPU: sixteen bytes at a time, which every 64-bit target has.
#include "rows.h"

#define TABLE ds_integer_portable
#define VECTOR_BYTES 16

#include "rows.inc"
