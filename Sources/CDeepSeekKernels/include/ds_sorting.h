// Sorting and what follows from it, for the ten arithmetic dtypes.
//
// The order is the numbers' own, with -0 equal to +0, false before true, and NaN above everything (so it comes last in
// ascending order and first in descending order, as in PyTorch). Elements that are equal keep their order: every
// result is stable, and none depends on the number of threads. Inputs may have any strides; outputs are contiguous,
// do not overlap the inputs, and index outputs are int64.
#ifndef DS_SORTING_H
#define DS_SORTING_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// Sorts along `axis`: values[…, i, …] = x[…, indices[…, i, …], …]. Either output may be NULL (argsort, plain sort).
// Radix sort: O(n) for each line of n elements, with memory for about 16 bytes an element of a line and thread (32
// where elements are 8 bytes wide).
ds_status ds_sort(const ds_view *x, int32_t axis, bool descending, const ds_view *values, const ds_view *indices);

// The k largest (or smallest) along `axis`, best first, with k the size of the outputs there; of equal elements the
// earlier is the better. Either output may be NULL. One pass over x where k is small: O(n + k log k) on usual data.
ds_status ds_top_k(const ds_view *x, int32_t axis, bool largest, const ds_view *values, const ds_view *indices);

// The distinct elements of x, seen as a flat list of n in row-major order, ascending. values (x's dtype, [n]) and,
// unless NULL, counts (int64 [n]) have room for n and get *count entries at their beginning; inverse (int64, x's shape,
// or NULL) gets each element's place in values. NaN is one value.
ds_status ds_unique(const ds_view *x, const ds_view *values, const ds_view *inverse, const ds_view *counts,
                    int64_t *count);

// Where each of `values` belongs in the ascending `sorted`: the first place whose element is not less (right false) or
// is greater (right true). sorted is [n] with values of any shape, or [batch…, n] with values [batch…, m]; out int64
// of values' shape. O(log n) a value.
ds_status ds_search_sorted(const ds_view *sorted, const ds_view *values, bool right, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
