// Pooling and resizing over one to three spatial axes, for float32, float64, float16 and bfloat16.
//
// Inputs are [batch, channels, spatial…] with any strides; outputs are contiguous, have the same leading axes and do not
// overlap the inputs. Halves are computed in float32. A plane (the spatial part of one channel) has fewer than 2^31
// elements. Results do not depend on the number of threads.
#ifndef DS_POOLING_H
#define DS_POOLING_H

#include "ds_common.h"
#include "ds_window.h"

#ifdef __cplusplus
extern "C" {
#endif

// The maximum under each window, NaN above all; padding takes no part. The spatial shape of `values` says whether
// places were counted downwards or with ceiling (ds_window_places). indices, unless NULL, is int64 of the same shape:
// where in the input's plane the maximum was, the first in row-major order. A window wholly in the padding gives
// -infinity and -1.
ds_status ds_max_pool(const ds_view *x, const ds_window *window, const ds_view *values, const ds_view *indices);

// The same with windows that split each axis evenly: place i covers floor(i n / m) ..< ceil((i + 1) n / m) for n input
// and m output elements.
ds_status ds_adaptive_max_pool(const ds_view *x, const ds_view *values, const ds_view *indices);

// The gradient of either: dx = 0, then dx[indices[i]] += dy[i] in each plane. dx has the input's shape.
ds_status ds_max_pool_backward(const ds_view *dy, const ds_view *indices, const ds_view *dx);

// The mean under each window. Padding counts as zeros when include_padding is set (as far as after[] reaches; what a
// ceiling adds beyond never counts) and is left out of the mean otherwise. Dilation has to be 1.
ds_status ds_average_pool(const ds_view *x, const ds_window *window, bool include_padding, const ds_view *out);
ds_status ds_average_pool_backward(const ds_view *dy, const ds_window *window, bool include_padding, const ds_view *dx);

// The mean with windows as in ds_adaptive_max_pool.
ds_status ds_adaptive_average_pool(const ds_view *x, const ds_view *out);
ds_status ds_adaptive_average_pool_backward(const ds_view *dy, const ds_view *dx);

// Which place of the input an output place o shows, with scale = input size / output size unless given.
typedef enum ds_resize_coordinates {
  DS_RESIZE_HALF_PIXEL = 0,     // (o + 0.5) * scale - 0.5
  DS_RESIZE_ALIGN_CORNERS = 1,  // o * (input - 1) / (output - 1)
  DS_RESIZE_ASYMMETRIC = 2      // o * scale
} ds_resize_coordinates;

// Between input elements: blend the two neighbours on each axis, or take the nearer one, by a rule of rounding. PyTorch's
// "nearest" is asymmetric with floor, its "nearest-exact" half-pixel with half up.
typedef enum ds_resize_mode {
  DS_RESIZE_LINEAR = 0,
  DS_RESIZE_NEAREST_FLOOR = 1,
  DS_RESIZE_NEAREST_CEIL = 2,
  DS_RESIZE_NEAREST_HALF_DOWN = 3,
  DS_RESIZE_NEAREST_HALF_UP = 4
} ds_resize_mode;

// Resizes the spatial axes to those of out. scales, unless NULL, gives input / output for each spatial axis in place of
// the ratio of sizes; a value not above zero means that ratio.
ds_status ds_resize(const ds_view *x, ds_resize_mode mode, ds_resize_coordinates coordinates, const double *scales,
                    const ds_view *out);
ds_status ds_resize_backward(const ds_view *dy, ds_resize_mode mode, ds_resize_coordinates coordinates,
                             const double *scales, const ds_view *dx);

#ifdef __cplusplus
}
#endif
#endif
