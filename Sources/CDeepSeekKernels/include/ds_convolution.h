// Convolution over one to three spatial axes and its gradients, for float32 (fast), float64, float16 and bfloat16
// (computed in float32 and rounded once).
//
// As everywhere in deep learning it is a cross-correlation: the kernel is not mirrored. Images are [batch, channels,
// spatial…]; weights [output channels, input channels / groups, kernel…]; inputs may have any strides, outputs are
// contiguous and do not overlap inputs. groups divides both channel counts: group g of the output channels sees group g
// of the input channels alone. Results do not depend on the number of threads.
//
// Workspace: float32 needs a few hundred kilobytes to a few megabytes a thread whatever the batch; halves and strided
// inputs are copied whole.
#ifndef DS_CONVOLUTION_H
#define DS_CONVOLUTION_H

#include "ds_common.h"
#include "ds_window.h"

#ifdef __cplusplus
extern "C" {
#endif

// out [N, O, places…] = x [N, C, spatial…] convolved with weight [O, C / groups, kernel…] + bias [O] (NULL: none). The
// places are ds_window_places without ceiling.
ds_status ds_convolution(const ds_view *x, const ds_view *weight, const ds_view *bias, const ds_window *window,
                         int64_t groups, const ds_view *out);

// The transposed convolution: y [N, O, places…] with weight [O, C / groups, kernel…] gives out [N, C, spatial…], plus
// bias [C] (NULL: none). It is the gradient of ds_convolution with respect to x (y being the output's gradient). Of the
// spatial sizes whose places are y's, out's shape picks one: that is what is called output padding elsewhere.
ds_status ds_convolution_transposed(const ds_view *y, const ds_view *weight, const ds_view *bias,
                                    const ds_window *window, int64_t groups, const ds_view *out);

// The gradient with respect to the weight: dweight is overwritten.
ds_status ds_convolution_weight_gradient(const ds_view *x, const ds_view *dy, const ds_window *window, int64_t groups,
                                         const ds_view *dweight);

#ifdef __cplusplus
}
#endif
#endif
