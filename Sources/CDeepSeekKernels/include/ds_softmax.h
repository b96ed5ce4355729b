// Softmax and its logarithm along one axis of any view. float32 is computed in its own precision, float64 likewise,
// float16 and bfloat16 through float32. A line of -infinity alone gives NaN (as 0/0), and so does one that holds NaN or
// +infinity. Fastest where the axis is contiguous. Outputs are contiguous and may be an input of the same layout.
#ifndef DS_SOFTMAX_H
#define DS_SOFTMAX_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// out = e^(x - max) / sum of e^(x - max), along `axis`.
ds_status ds_softmax(const ds_view *x, int32_t axis, const ds_view *out);

// out = x - max - log(sum of e^(x - max)), along `axis`.
ds_status ds_log_softmax(const ds_view *x, int32_t axis, const ds_view *out);

// out = y (dy - sum of y dy), for y = softmax(x).
ds_status ds_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out);

// out = dy - e^y sum of dy, for y = log_softmax(x).
ds_status ds_log_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
