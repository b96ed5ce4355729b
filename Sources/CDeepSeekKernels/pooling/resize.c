// Resizing by linear interpolation or to the nearest element, and the gradient of both.
#include <math.h>
#include <stdlib.h>

#include "../views/variants.h"
#include "../views/views.h"
#include "ds_pooling.h"
#include "ds_threads.h"

// Output place o shows (1 - weight[o]) of input low[o] and weight[o] of high[o].
typedef struct resize_axis {
  int64_t in, out;
  int64_t *low, *high;
  double *weight;
} resize_axis;

typedef struct resize_plan {
  const void *from;
  void *to;
  resize_axis axes[3];
  int64_t in_plane, out_plane;
  bool nearest;
  char *scratch;  // for each worker: a row of the input, and the last axis' tables or, for the gradient, a plane
  int64_t scratch_bytes;
} resize_plan;

#define FAMILY "../pooling/resize.inc"
#include "../views/float_variants.inc"

// Rounded to float32 at each step when an element is to be picked: the field's tools do so, and where a place falls
// between two elements a double would pick the other one.
static double source_of(int64_t o, const resize_axis *axis, ds_resize_mode mode, ds_resize_coordinates coordinates,
                        double scale) {
  switch (coordinates) {
    case DS_RESIZE_ALIGN_CORNERS:
      return axis->out > 1 ? (double)o * (double)(axis->in - 1) / (double)(axis->out - 1) : 0;
    case DS_RESIZE_ASYMMETRIC:
      return mode == DS_RESIZE_LINEAR ? (double)o * scale : (float)o * (float)scale;
    default:
      return mode == DS_RESIZE_LINEAR ? ((double)o + 0.5) * scale - 0.5 : ((float)o + 0.5f) * (float)scale - 0.5f;
  }
}

static void fill_axis(resize_axis *axis, ds_resize_mode mode, ds_resize_coordinates coordinates, double scale) {
  if (!(scale > 0) || isinf(scale)) scale = (double)axis->in / (double)axis->out;
  double last = (double)(axis->in - 1);
  for (int64_t o = 0; o < axis->out; o++) {
    double source = source_of(o, axis, mode, coordinates, scale), low = floor(source);
    switch (mode) {
      case DS_RESIZE_NEAREST_CEIL: low = ceil(source); break;
      case DS_RESIZE_NEAREST_HALF_DOWN: low = ceil(source - 0.5); break;
      case DS_RESIZE_NEAREST_HALF_UP: low = floorf((float)source + 0.5f); break;
      default: break;
    }
    double weight = mode == DS_RESIZE_LINEAR ? source - low : 0;
    // Before the first element or after the last there is nothing to blend with.
    if (low < 0) low = weight = 0;
    if (low >= last) {
      low = last;
      weight = 0;
    }
    axis->low[o] = (int64_t)low;
    axis->high[o] = axis->low[o] + (weight > 0);
    axis->weight[o] = weight;
  }
}

static ds_status make_axes(resize_plan *plan, const ds_view *in, const ds_view *out, ds_resize_mode mode,
                           ds_resize_coordinates coordinates, const double *scales, void **tables) {
  int32_t spatial = in->rank - 2;
  if (spatial < 1 || spatial > 3 || out->rank != in->rank || in->shape[0] != out->shape[0] ||
      in->shape[1] != out->shape[1]) {
    return DS_INVALID_SHAPE;
  }
  int64_t total = 0;
  for (int32_t i = 0; i < 3; i++) {
    int32_t a = i - (3 - spatial);
    plan->axes[i].in = a < 0 ? 1 : in->shape[2 + a];
    plan->axes[i].out = a < 0 ? 1 : out->shape[2 + a];
    if (plan->axes[i].in == 0 && plan->axes[i].out > 0) return DS_INVALID_SHAPE;
    total += plan->axes[i].out;
  }
  plan->in_plane = dsv_extent(in, 2, in->rank);
  plan->out_plane = dsv_extent(out, 2, out->rank);
  if (plan->in_plane > INT32_MAX || plan->out_plane > INT32_MAX) return DS_INVALID_SHAPE;
  char *table = *tables = dsv_allocate(total, 2 * sizeof(int64_t) + sizeof(double));
  if (table == NULL) return DS_OUT_OF_MEMORY;
  for (int32_t i = 0; i < 3; i++) {
    resize_axis *axis = &plan->axes[i];
    int32_t a = i - (3 - spatial);
    axis->low = (int64_t *)table;
    axis->high = axis->low + axis->out;
    axis->weight = (double *)(axis->high + axis->out);
    table = (char *)(axis->weight + axis->out);
    if (axis->out > 0) fill_axis(axis, mode, coordinates, scales != NULL && a >= 0 ? scales[a] : 0);
  }
  return DS_OK;
}

static ds_status run(const ds_view *in, const ds_view *out, ds_resize_mode mode, ds_resize_coordinates coordinates,
                     const double *scales, bool backward) {
  const ds_view *from = backward ? out : in, *to = backward ? in : out;
  ds_status status = dsv_check(from);
  if (status == DS_OK) status = dsv_check_output(to);
  if (status != DS_OK) return status;
  if (!dsv_is_float(in->dtype) || out->dtype != in->dtype) return DS_UNSUPPORTED_DTYPE;
  resize_plan plan = {.to = to->data, .nearest = mode != DS_RESIZE_LINEAR};
  void *tables = NULL, *owned = NULL;
  status = make_axes(&plan, in, out, mode, coordinates, scales, &tables);
  if (status == DS_OK && dsv_count(to) > 0) {
    const ds_range_body forwards[4] = DSV_FLOAT_VARIANTS(resize_planes);
    const ds_range_body backwards[4] = DSV_FLOAT_VARIANTS(resize_back);
    int64_t sum = in->dtype == DS_FLOAT64 ? 8 : 4;
    int64_t room = (plan.axes[2].in + (backward ? plan.in_plane : plan.axes[2].out)) * sum;
    plan.scratch_bytes = (room + plan.axes[2].out * 2 * (int64_t)sizeof(int32_t) + 63) / 64 * 64;
    plan.scratch = dsv_allocate(ds_thread_count(), plan.scratch_bytes);
    status = plan.scratch == NULL ? DS_OUT_OF_MEMORY : dsv_pack(from, &plan.from, &owned);
    if (status == DS_OK) {
      ds_parallel_for(in->shape[0] * in->shape[1], dsv_grain((plan.in_plane + plan.out_plane) * sum),
                      (backward ? backwards : forwards)[in->dtype], &plan);
    }
    free(plan.scratch);
  }
  free(owned);
  free(tables);
  return status;
}

ds_status ds_resize(const ds_view *x, ds_resize_mode mode, ds_resize_coordinates coordinates, const double *scales,
                    const ds_view *out) {
  return run(x, out, mode, coordinates, scales, false);
}

ds_status ds_resize_backward(const ds_view *dy, ds_resize_mode mode, ds_resize_coordinates coordinates,
                             const double *scales, const ds_view *dx) {
  return run(dx, dy, mode, coordinates, scales, true);
}
