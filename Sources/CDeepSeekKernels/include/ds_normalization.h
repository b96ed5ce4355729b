// Normalizations: layer, RMS, batch, group and instance norm, forward and backward.
//
// Views of any layout in float32, float64, float16 and bfloat16. float64 is computed in float64, the others in float32.
// Statistics (mean, rstd = 1 / sqrt(variance + epsilon)) are float32, or float64 for float64; parameters and their
// gradients may be of any float type that is computed like the input's (float32 weights for bfloat16 inputs, say).
// Results are the same for every thread count. An output may be the very view that is an input (y and x, dx and dy).
#ifndef DS_NORMALIZATION_H
#define DS_NORMALIZATION_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// Layer normalization over the last axis (Ba, Kiros, Hinton, 2016): y = (x - mean) rstd weight + bias, with the biased
// variance. x, y: [..., width], one type; weight, bias: [width], either may be NULL; mean, rstd: one element a row, in
// the order of the rows, either may be NULL.
//
// With `residual` (x's shape and type; else NULL) x + residual takes the place of x, and goes to `sum` (x's shape and
// type), which is what the backward pass takes as x.
ds_status ds_layer_norm(const ds_view *x, const ds_view *residual, const ds_view *weight, const ds_view *bias,
                        double epsilon, const ds_view *sum, const ds_view *y, const ds_view *mean, const ds_view *rstd);

// The gradients of ds_layer_norm from those of y. `weight` is NULL where it was; any of dx, dweight and dbias may be
// NULL when it is not wanted. The gradient of the residual is dx as well.
ds_status ds_layer_norm_backward(const ds_view *x, const ds_view *mean, const ds_view *rstd, const ds_view *weight,
                                 const ds_view *dy, const ds_view *dx, const ds_view *dweight, const ds_view *dbias);

// Root mean square normalization over the last axis (Zhang, Sennrich, 2019): y = x rstd weight with
// rstd = 1 / sqrt(mean(x^2) + epsilon). Arguments as for ds_layer_norm.
ds_status ds_rms_norm(const ds_view *x, const ds_view *residual, const ds_view *weight, double epsilon,
                      const ds_view *sum, const ds_view *y, const ds_view *rstd);

ds_status ds_rms_norm_backward(const ds_view *x, const ds_view *rstd, const ds_view *weight, const ds_view *dy,
                               const ds_view *dx, const ds_view *dweight);

// Batch normalization (Ioffe, Szegedy, 2015) of x [batch, channels, spatial...], rank 2 and up. This gives each channel's
// mean and biased variance, [channels], over all other axes: two passes, so that a large mean costs no digits. With
// nothing to average, DS_INVALID_SHAPE.
ds_status ds_batch_statistics(const ds_view *x, const ds_view *mean, const ds_view *variance);

// y = (x - mean) rstd weight + bias by channel, with statistics [channels] of the batch or of the running averages.
// weight and bias may be NULL.
ds_status ds_batch_norm(const ds_view *x, const ds_view *mean, const ds_view *rstd, const ds_view *weight,
                        const ds_view *bias, const ds_view *y);

// The gradients of ds_batch_norm. `training`: the statistics were the batch's own, and the gradient goes through them;
// else they are constants. Any of dx, dweight and dbias may be NULL.
ds_status ds_batch_norm_backward(bool training, const ds_view *x, const ds_view *mean, const ds_view *rstd,
                                 const ds_view *weight, const ds_view *dy, const ds_view *dx, const ds_view *dweight,
                                 const ds_view *dbias);

// Group normalization (Wu, He, 2018) of x [batch, channels, spatial...]: `groups` divides the channels; each group of each
// sample is normalized by its own statistics, then scaled by weight and shifted by bias, [channels] or NULL. mean and
// rstd: batch * groups elements, or NULL. Instance normalization is the case groups == channels.
ds_status ds_group_norm(const ds_view *x, int64_t groups, const ds_view *weight, const ds_view *bias, double epsilon,
                        const ds_view *y, const ds_view *mean, const ds_view *rstd);

ds_status ds_group_norm_backward(const ds_view *x, int64_t groups, const ds_view *mean, const ds_view *rstd,
                                 const ds_view *weight, const ds_view *dy, const ds_view *dx, const ds_view *dweight,
                                 const ds_view *dbias);

#ifdef __cplusplus
}
#endif
#endif
