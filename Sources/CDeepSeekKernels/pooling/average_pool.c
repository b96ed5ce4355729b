// Average pooling and its gradient: sliding and adaptive windows.
#include <stdlib.h>

#include "../views/variants.h"
#include "ds_threads.h"
#include "places.h"

typedef struct average_plan {
  const void *from;
  void *to;
  dsv_pool_places places;
  char *scratch;  // for each worker: a row of the input, one of the output and, for the gradient, a plane
  int64_t scratch_bytes;
} average_plan;

#define FAMILY "../pooling/average_pool.inc"
#include "../views/float_variants.inc"

// in and out are the pooling's; the gradient goes from out to in.
static ds_status run(const ds_view *in, const ds_view *out, const ds_window *window, bool include_padding,
                     bool backward) {
  const ds_view *from = backward ? out : in, *to = backward ? in : out;
  ds_status status = dsv_check(from);
  if (status == DS_OK) status = dsv_check_output(to);
  if (status != DS_OK) return status;
  if (!dsv_is_float(in->dtype) || out->dtype != in->dtype) return DS_UNSUPPORTED_DTYPE;
  for (int32_t i = 0; window != NULL && i < window->spatial && i < 3; i++) {
    if (window->dilation[i] != 1) return DS_INVALID_SHAPE;
  }
  average_plan plan = {.to = to->data};
  void *owned = NULL;
  status = dsv_pool_places_make(&plan.places, in, out, window, include_padding);
  if (status == DS_OK && dsv_count(to) > 0) {
    const ds_range_body forwards[4] = DSV_FLOAT_VARIANTS(average_planes);
    const ds_range_body backwards[4] = DSV_FLOAT_VARIANTS(spread_planes);
    int64_t sum = in->dtype == DS_FLOAT64 ? 8 : 4;
    int64_t room = plan.places.axes[2].in + plan.places.axes[2].out + (backward ? plan.places.in_plane : 0);
    plan.scratch_bytes = (room * sum + 63) / 64 * 64;
    plan.scratch = dsv_allocate(ds_thread_count(), plan.scratch_bytes);
    status = plan.scratch == NULL ? DS_OUT_OF_MEMORY : dsv_pack(from, &plan.from, &owned);
    if (status == DS_OK) {
      ds_parallel_for(plan.places.planes, dsv_grain(plan.places.in_plane * sum),
                      (backward ? backwards : forwards)[in->dtype], &plan);
    }
    free(plan.scratch);
  }
  free(owned);
  dsv_pool_places_free(&plan.places);
  return status;
}

ds_status ds_average_pool(const ds_view *x, const ds_window *window, bool include_padding, const ds_view *out) {
  return run(x, out, window, include_padding, false);
}

ds_status ds_average_pool_backward(const ds_view *dy, const ds_window *window, bool include_padding,
                                   const ds_view *dx) {
  return run(dx, dy, window, include_padding, true);
}

ds_status ds_adaptive_average_pool(const ds_view *x, const ds_view *out) { return run(x, out, NULL, false, false); }

ds_status ds_adaptive_average_pool_backward(const ds_view *dy, const ds_view *dx) {
  return run(dx, dy, NULL, false, true);
}
