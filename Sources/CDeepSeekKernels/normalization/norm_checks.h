// What every normalization asks of its arguments, and single elements of parameters and statistics.
#ifndef NORM_CHECKS_H
#define NORM_CHECKS_H

#include "../include/ds_common.h"

// x [batch, channels, spatial...] of a float type.
ds_status norm_check_channels(const ds_view *x);
// The same shape and type as x; NULL passes, here and below.
ds_status norm_check_like(const ds_view *view, const ds_view *x);
// A vector [width] of a float type that is computed like `dtype`.
ds_status norm_check_parameter(const ds_view *view, int64_t width, int32_t dtype);
// `count` elements of the type in which `dtype` is computed.
ds_status norm_check_statistic(const ds_view *view, int64_t count, int32_t dtype);

// Element `index` of a vector or of a tensor of statistics; `absent` where the view is NULL.
double norm_element(const ds_view *view, int64_t index, double absent);
void norm_set_element(const ds_view *view, int64_t index, double value);

#define NORM_TRY(expression)              \
  do {                                    \
    ds_status status_ = (expression);     \
    if (status_ != DS_OK) return status_; \
  } while (0)

#endif
