// Maximum pooling: sliding and adaptive windows, with the places of the maxima and without.
#include <math.h>
#include <stdlib.h>

#include "../views/variants.h"
#include "ds_threads.h"
#include "places.h"

typedef struct max_plan {
  const void *x;
  void *values;
  int64_t *indices;
  dsv_pool_places places;
  char *scratch;  // for each worker: a row of the input's maxima, one of the output's, and their places
  int64_t scratch_bytes;
} max_plan;

#define FAMILY "../pooling/max_pool.inc"
#include "../views/float_variants.inc"

static ds_status pool(const ds_view *x, const ds_window *window, const ds_view *values, const ds_view *indices) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(values);
  if (status == DS_OK && indices != NULL) status = dsv_check_output(indices);
  if (status != DS_OK) return status;
  if (!dsv_is_float(x->dtype) || values->dtype != x->dtype || (indices != NULL && indices->dtype != DS_INT64)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  if (indices != NULL && !dsv_same_shape(values, indices)) return DS_INVALID_SHAPE;
  max_plan plan = {.values = values->data, .indices = indices != NULL ? indices->data : NULL};
  void *owned = NULL;
  status = dsv_pool_places_make(&plan.places, x, values, window, false);
  if (status == DS_OK && dsv_count(values) > 0) {
    const ds_range_body bodies[4] = DSV_FLOAT_VARIANTS(max_planes);
    int64_t sum = x->dtype == DS_FLOAT64 ? 8 : 4, columns = plan.places.axes[2].in + plan.places.axes[2].out;
    plan.scratch_bytes = (columns * (sum + (int64_t)sizeof(int32_t)) + 63) / 64 * 64;
    plan.scratch = dsv_allocate(ds_thread_count(), plan.scratch_bytes);
    status = plan.scratch == NULL ? DS_OUT_OF_MEMORY : dsv_pack(x, &plan.x, &owned);
    if (status == DS_OK) {
      ds_parallel_for(plan.places.planes, dsv_grain(plan.places.in_plane * sum), bodies[x->dtype], &plan);
    }
    free(plan.scratch);
  }
  free(owned);
  dsv_pool_places_free(&plan.places);
  return status;
}

ds_status ds_max_pool(const ds_view *x, const ds_window *window, const ds_view *values, const ds_view *indices) {
  return pool(x, window, values, indices);
}

ds_status ds_adaptive_max_pool(const ds_view *x, const ds_view *values, const ds_view *indices) {
  return pool(x, NULL, values, indices);
}
