// Picking the least entries, and ordering short lists of them.
#include "entries.h"

#define ENTRY dsv_narrow_entry
#define NAME(part) dsv_narrow_##part
#include "select.inc"
#undef ENTRY
#undef NAME

#define ENTRY dsv_wide_entry
#define NAME(part) dsv_wide_##part
#include "select.inc"
