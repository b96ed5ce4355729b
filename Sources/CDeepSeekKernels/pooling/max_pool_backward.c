// The gradient of maximum pooling: each output's goes to where its maximum was.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_pooling.h"
#include "ds_threads.h"

typedef struct route_plan {
  const void *dy;
  const int64_t *indices;
  void *dx;
  int64_t in_plane, out_plane;
  float *sums;  // of halves: a plane for each worker
} route_plan;

#define DEFINE_ROUTE(suffix, type)                                                             \
  static void route_##suffix(void *context, int64_t begin, int64_t end, int32_t worker) {      \
    (void)worker;                                                                              \
    const route_plan *plan = context;                                                          \
    for (int64_t p = begin; p < end; p++) {                                                    \
      const type *dy = (const type *)plan->dy + p * plan->out_plane;                           \
      const int64_t *indices = plan->indices + p * plan->out_plane;                            \
      type *dx = (type *)plan->dx + p * plan->in_plane;                                        \
      memset(dx, 0, (size_t)plan->in_plane * sizeof(type));                                    \
      for (int64_t i = 0; i < plan->out_plane; i++) {                                          \
        if (indices[i] >= 0) dx[indices[i]] += dy[i];                                          \
      }                                                                                        \
    }                                                                                          \
  }
DEFINE_ROUTE(float32, float)
DEFINE_ROUTE(float64, double)

// Windows overlap, so halves are summed in float32 and rounded once.
#define DEFINE_ROUTE_HALF(suffix)                                                               \
  static void route_##suffix(void *context, int64_t begin, int64_t end, int32_t worker) {       \
    const route_plan *plan = context;                                                           \
    float *sums = plan->sums + worker * plan->in_plane;                                         \
    for (int64_t p = begin; p < end; p++) {                                                     \
      const uint16_t *dy = (const uint16_t *)plan->dy + p * plan->out_plane;                    \
      const int64_t *indices = plan->indices + p * plan->out_plane;                             \
      uint16_t *dx = (uint16_t *)plan->dx + p * plan->in_plane;                                 \
      memset(sums, 0, (size_t)plan->in_plane * sizeof(float));                                  \
      for (int64_t i = 0; i < plan->out_plane; i++) {                                           \
        if (indices[i] >= 0) sums[indices[i]] += dsv_load_##suffix(dy[i]);                      \
      }                                                                                         \
      for (int64_t i = 0; i < plan->in_plane; i++) dx[i] = dsv_store_##suffix(sums[i]);         \
    }                                                                                           \
  }
DEFINE_ROUTE_HALF(float16)
DEFINE_ROUTE_HALF(bfloat16)

// Indices come from outside: they are proven in range before any is used.
static bool in_range(const int64_t *indices, int64_t count, int64_t limit) {
  bool outside = false;
  for (int64_t i = 0; i < count; i++) outside |= (indices[i] < -1) | (indices[i] >= limit);
  return !outside;
}

ds_status ds_max_pool_backward(const ds_view *dy, const ds_view *indices, const ds_view *dx) {
  static const ds_range_body bodies[4] = {route_float32, route_float64, route_float16, route_bfloat16};
  ds_status status = dsv_check(dy);
  if (status == DS_OK) status = dsv_check(indices);
  if (status == DS_OK) status = dsv_check_output(dx);
  if (status != DS_OK) return status;
  if (!dsv_is_float(dy->dtype) || dx->dtype != dy->dtype || indices->dtype != DS_INT64) return DS_UNSUPPORTED_DTYPE;
  if (!dsv_same_shape(dy, indices) || dy->rank < 3 || dy->rank > 5 || dx->rank != dy->rank ||
      dx->shape[0] != dy->shape[0] || dx->shape[1] != dy->shape[1]) {
    return DS_INVALID_SHAPE;
  }
  route_plan plan = {.dx = dx->data, .in_plane = dsv_extent(dx, 2, dx->rank),
                     .out_plane = dsv_extent(dy, 2, dy->rank)};
  if (dsv_count(dx) == 0) return dsv_count(dy) == 0 ? DS_OK : DS_INVALID_SHAPE;
  const void *packed_indices = NULL;
  void *owned_dy, *owned_indices = NULL;
  status = dsv_pack(dy, &plan.dy, &owned_dy);
  if (status == DS_OK) status = dsv_pack(indices, &packed_indices, &owned_indices);
  if (status == DS_OK && !in_range(packed_indices, dsv_count(indices), plan.in_plane)) status = DS_INDEX_OUT_OF_RANGE;
  if (status == DS_OK && dsv_element_size(dy->dtype) == 2) {
    plan.sums = dsv_allocate(plan.in_plane, ds_thread_count() * (int64_t)sizeof(float));
    if (plan.sums == NULL) status = DS_OUT_OF_MEMORY;
  }
  if (status == DS_OK) {
    plan.indices = packed_indices;
    int64_t plane_bytes = plan.in_plane * dsv_element_size(dy->dtype) + plan.out_plane * (int64_t)sizeof(int64_t);
    ds_parallel_for(dx->shape[0] * dx->shape[1], dsv_grain(plane_bytes), bodies[dy->dtype], &plan);
  }
  free(plan.sums);
  free(owned_dy);
  free(owned_indices);
  return status;
}
