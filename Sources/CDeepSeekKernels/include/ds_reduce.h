// Reductions over any axes of any view. Sums of floats are blocked (float32: in float32 lanes over 512 elements, then in
// double), so their error is about that of one rounding; float16 and bfloat16 go through float32. Integers are reduced in
// int64 and wrap. Results are the same for any number of threads.
#ifndef DS_REDUCE_H
#define DS_REDUCE_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ds_reduce_op {
  DS_REDUCE_SUM,          // of nothing: 0
  DS_REDUCE_PRODUCT,      // of nothing: 1
  DS_REDUCE_MEAN,         // floats; of nothing: NaN
  DS_REDUCE_MAX,          // NaN wins; of nothing: DS_INVALID_SHAPE
  DS_REDUCE_MIN,          // NaN wins; of nothing: DS_INVALID_SHAPE
  DS_REDUCE_ANY,          // bool out: is any element nonzero (NaN is); of nothing: false
  DS_REDUCE_ALL,          // bool out: are all elements nonzero; of nothing: true
  DS_REDUCE_SUM_SQUARES,  // of nothing: 0
  DS_REDUCE_LOGSUMEXP,    // floats; of nothing: -infinity
  DS_REDUCE_COUNT
} ds_reduce_op;

// out = op over the axes whose bits are set in `axis_mask` (bit i for axis i). `out` is contiguous and has x's rank,
// with 1 in the place of every reduced dimension. Its dtype may be x's, or, for sum, product and sum_squares, any
// arithmetic dtype (int32 into int64, bfloat16 into float32); bool for any and all. The ten arithmetic dtypes.
ds_status ds_reduce(ds_reduce_op op, const ds_view *x, uint32_t axis_mask, const ds_view *out);

// The sum of squared distances to the mean, over (count - correction): 1 for the sample's variance, 0 for the whole
// population's. In two passes, so a large mean costs no digits; NaN where count <= correction. Floats.
ds_status ds_variance(const ds_view *x, uint32_t axis_mask, double correction, const ds_view *out);

typedef enum ds_arg_op { DS_ARGMAX, DS_ARGMIN } ds_arg_op;

// The index along `axis` of the largest or smallest element, the first where several are equal; the first NaN where there
// is one. `out` is int64, contiguous, with 1 in the axis's place. An empty axis: DS_INVALID_SHAPE.
ds_status ds_arg_reduce(ds_arg_op op, const ds_view *x, int32_t axis, const ds_view *out);

typedef enum ds_cumulative_op {
  DS_CUMULATIVE_SUM,
  DS_CUMULATIVE_PRODUCT,
  DS_CUMULATIVE_MAX,  // NaN stays
  DS_CUMULATIVE_MIN   // NaN stays
} ds_cumulative_op;

// out[i] = op of elements 0 ... i along `axis`. Floats are accumulated in double and rounded for each element; integers
// in int64. `out` is contiguous and has x's shape, and x's dtype or another arithmetic one.
ds_status ds_cumulative(ds_cumulative_op op, const ds_view *x, int32_t axis, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
