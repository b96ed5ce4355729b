#include "planes.h"

static planes planes_of(const ds_view *x, int32_t first, bool merge) {
  ds_view rest = {.data = x->data, .dtype = x->dtype};
  for (int32_t i = first; i < x->rank; i++) {
    if (i == 1) continue;
    rest.shape[rest.rank] = x->shape[i];
    rest.strides[rest.rank++] = x->strides[i];
  }
  int64_t bytes = (int64_t)ds_element_bytes(x->dtype);
  return (planes){ds_lines_of(&rest, 0, rest.rank, merge), x->strides[0] * bytes, x->strides[1] * bytes};
}

void planes_together(const ds_view *const *views, int count, int32_t first, planes *out) {
  // Lines over merged axes are longer, but only the same in all views where all can be merged alike.
  for (int merge = 1; merge >= 0; merge--) {
    int64_t width = -1;
    bool same = true;
    for (int i = 0; i < count; i++) {
      if (views[i] == NULL) continue;
      out[i] = planes_of(views[i], first, merge == 1);
      same &= width < 0 || out[i].lines.width == width;
      width = out[i].lines.width;
    }
    if (same) return;
  }
}

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

// How much of a line is worked on at a time from element `at` on; nothing at its end.
static int64_t segment_length(const planes *p, int64_t at) {
  return p->lines.width - at < SEGMENT ? p->lines.width - at : SEGMENT;
}

#define REAL float
#define NAME(stem) stem##_float
#define KERNELS floats
#include "planes.inc"
#undef REAL
#undef NAME
#undef KERNELS

#define REAL double
#define NAME(stem) stem##_double
#define KERNELS doubles
#include "planes.inc"

static bool wide(const planes *p) { return p->lines.dtype == DS_FLOAT64; }

double plane_sum(const planes *x, int64_t sample, int64_t channel) {
  return wide(x) ? sum_double(x, sample, channel) : sum_float(x, sample, channel);
}

double plane_squares(const planes *x, int64_t sample, int64_t channel, double mean) {
  return wide(x) ? squares_double(x, sample, channel, mean) : squares_float(x, sample, channel, (float)mean);
}

void plane_affine(const planes *x, const planes *y, int64_t sample, int64_t channel, double mean, double scale,
                  double shift) {
  if (wide(x)) affine_double(x, y, sample, channel, mean, scale, shift);
  else affine_float(x, y, sample, channel, (float)mean, (float)scale, (float)shift);
}

void plane_dots(const planes *x, const planes *dy, int64_t sample, int64_t channel, double mean, double *totals) {
  if (wide(x)) dots_double(x, dy, sample, channel, mean, totals);
  else dots_float(x, dy, sample, channel, (float)mean, totals);
}

void plane_gradient(const planes *x, const planes *dy, const planes *dx, int64_t sample, int64_t channel, double mean,
                    double a, double b, double c) {
  if (wide(x)) gradient_double(x, dy, dx, sample, channel, mean, a, b, c);
  else gradient_float(x, dy, dx, sample, channel, (float)mean, (float)a, (float)b, (float)c);
}
