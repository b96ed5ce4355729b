#include "norm_checks.h"

#include "../support/ds_lines.h"

ds_status norm_check_channels(const ds_view *x) {
  if (ds_element_count(x) < 0 || x->rank < 2) return DS_INVALID_SHAPE;
  return ds_is_floating(x->dtype) ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

ds_status norm_check_like(const ds_view *view, const ds_view *x) {
  if (view == NULL) return DS_OK;
  if (ds_element_count(view) < 0 || !ds_same_shape(view, x)) return DS_INVALID_SHAPE;
  return view->dtype == x->dtype ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

ds_status norm_check_parameter(const ds_view *view, int64_t width, int32_t dtype) {
  if (view == NULL) return DS_OK;
  if (ds_element_count(view) < 0 || view->rank != 1 || view->shape[0] != width) return DS_INVALID_SHAPE;
  if (!ds_is_floating(view->dtype)) return DS_UNSUPPORTED_DTYPE;
  return ds_computing_type(view->dtype) == ds_computing_type(dtype) ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

ds_status norm_check_statistic(const ds_view *view, int64_t count, int32_t dtype) {
  if (view == NULL) return DS_OK;
  if (ds_element_count(view) != count) return DS_INVALID_SHAPE;
  return view->dtype == (int32_t)ds_computing_type(dtype) ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

double norm_element(const ds_view *view, int64_t index, double absent) {
  if (view == NULL) return absent;
  if (view->dtype == DS_FLOAT64) {
    double value;
    ds_elements_in(view, index, 1, &value);
    return value;
  }
  float value;
  ds_elements_in(view, index, 1, &value);
  return (double)value;
}

void norm_set_element(const ds_view *view, int64_t index, double value) {
  if (view == NULL) return;
  float narrow = (float)value;
  ds_elements_out(view, index, 1, view->dtype == DS_FLOAT64 ? (const void *)&value : (const void *)&narrow);
}
