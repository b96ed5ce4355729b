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
