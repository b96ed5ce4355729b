// Radix sort of entries, least significant digit first. Each pass counts the digits of every piece and then moves the
// pieces side by side, each to places of its own, which keeps the order of equal digits.
#include <string.h>

#include "ds_threads.h"
#include "entries.h"

// Up to this many entries, small digits: their counters cost less than the passes they add.
enum { SMALL_LIMIT = 3000, SMALL_DIGIT = 8, LARGE_DIGIT = 11 };

#define ENTRY dsv_narrow_entry
#define NAME(part) dsv_narrow_##part
#include "radix.inc"
#undef ENTRY
#undef NAME

#define ENTRY dsv_wide_entry
#define NAME(part) dsv_wide_##part
#include "radix.inc"
