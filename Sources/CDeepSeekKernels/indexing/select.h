// Copying whole rows by number: what embedding lookup, index_select, take and gather_nd have in common.
#ifndef DSV_SELECT_H
#define DSV_SELECT_H

#include "ds_common.h"

// out[i] = row index[i] of x, for count rows of `bytes` bytes that lie row_bytes apart in x and one after the other in
// out. The indices are in range. Parallel.
void dsv_select_rows(char *out, const char *x, int64_t row_bytes, const int64_t *index, int64_t count, int64_t bytes);

#endif
