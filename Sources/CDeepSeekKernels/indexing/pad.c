// Padding, its gradient, and rolling (a circular padding that shifts).
#include <stdlib.h>

#include "../views/copy_row.h"
#include "../views/cursor.h"
#include "../views/views.h"
#include "axis_map.h"
#include "ds_threads.h"

typedef struct pad_plan {
  const char *x;
  char *out;
  const void *value;
  int64_t size;
  int32_t last;  // the last axis
  const int64_t *x_strides;
  dsv_axis_map maps[DS_MAX_RANK];
  int64_t shape[DS_MAX_RANK], unused_strides[DS_MAX_RANK];
  int64_t dy_strides[DS_MAX_RANK];
  void *sums;  // of the gradient: a row of the input for each worker
} pad_plan;

static ds_status make_maps(pad_plan *plan, const ds_view *in, const ds_view *out, const int64_t *before,
                           const int64_t *after, ds_pad_mode mode) {
  if (in->rank != out->rank) return DS_INVALID_SHAPE;
  ds_status status = DS_OK;
  for (int32_t i = 0; i < in->rank && status == DS_OK; i++) {
    // The output's size is compared first: it bounds what the map allocates.
    int64_t grown;
    if (__builtin_add_overflow(in->shape[i], before[i], &grown) || __builtin_add_overflow(grown, after[i], &grown) ||
        grown != out->shape[i]) {
      return DS_INVALID_SHAPE;
    }
    status = dsv_axis_map_make(&plan->maps[i], in->shape[i], before[i], after[i], mode);
  }
  plan->last = in->rank - 1;
  return status;
}

static void free_maps(pad_plan *plan) {
  for (int32_t i = 0; i < DS_MAX_RANK; i++) dsv_axis_map_free(&plan->maps[i]);
}

static void pad_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const pad_plan *plan = context;
  const dsv_axis_map *inner = &plan->maps[plan->last];
  int64_t x_stride = plan->x_strides[plan->last];
  dsv_cursor place = dsv_cursor_at(plan->shape, plan->unused_strides, plan->last, begin);
  for (int64_t row = begin; row < end; row++, dsv_cursor_next(&place)) {
    char *to = plan->out + row * inner->out * plan->size;
    int64_t from = 0;
    bool shows = true;
    for (int32_t i = 0; i < plan->last; i++) {
      int64_t source = plan->maps[i].source[place.position[i]];
      shows &= source >= 0;
      from += source * plan->x_strides[i];
    }
    if (!shows) {
      dsv_copy_row(to, 1, plan->value, 0, inner->out, plan->size);
      continue;
    }
    for (int64_t s = 0; s < inner->stretch_count; s++) {
      dsv_stretch stretch = inner->stretches[s];
      if (stretch.source < 0) {
        dsv_copy_row(to + stretch.start * plan->size, 1, plan->value, 0, stretch.count, plan->size);
      } else {
        dsv_copy_row(to + stretch.start * plan->size, 1, plan->x + (from + stretch.source * x_stride) * plan->size,
                     stretch.step * x_stride, stretch.count, plan->size);
      }
    }
  }
}

static ds_status pad(const ds_view *x, const int64_t *before, const int64_t *after, ds_pad_mode mode,
                     const void *value, const ds_view *out) {
  static const uint64_t zero = 0;
  pad_plan plan = {.x = x->data, .out = out->data, .value = value != NULL ? value : &zero,
                   .size = dsv_element_size(x->dtype), .x_strides = x->strides};
  if (x->rank == 0) return out->rank == 0 ? dsv_copy_view(x, out) : DS_INVALID_SHAPE;
  ds_status status = make_maps(&plan, x, out, before, after, mode);
  if (status == DS_OK && dsv_count(out) > 0) {
    for (int32_t i = 0; i < plan.last; i++) plan.shape[i] = out->shape[i];
    ds_parallel_for(dsv_extent(out, 0, plan.last), dsv_grain(out->shape[plan.last] * plan.size), pad_rows, &plan);
  }
  free_maps(&plan);
  return status;
}

ds_status ds_pad(const ds_view *x, const int64_t *before, const int64_t *after, ds_pad_mode mode, const void *value,
                 const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  return pad(x, before, after, mode, value, out);
}

ds_status ds_roll(const ds_view *x, const int64_t *shifts, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  if (!dsv_same_shape(x, out)) return DS_INVALID_SHAPE;
  int64_t before[DS_MAX_RANK], after[DS_MAX_RANK];
  for (int32_t i = 0; i < x->rank; i++) {
    before[i] = x->shape[i] > 0 ? shifts[i] % x->shape[i] : 0;
    after[i] = -before[i];
  }
  return pad(x, before, after, DS_PAD_CIRCULAR, NULL, out);
}

// One row of dx: the sum of all rows of dy that show it. The lists of the outer axes are walked like an odometer.
#define DEFINE_BACKWARD(suffix, type, sum_type, LOAD, STORE)                                                       \
  static void backward_##suffix(void *context, int64_t begin, int64_t end, int32_t worker) {                       \
    const pad_plan *plan = context;                                                                                \
    const dsv_axis_map *inner = &plan->maps[plan->last];                                                           \
    sum_type *sums = (sum_type *)plan->sums + worker * inner->in;                                                  \
    dsv_cursor place = dsv_cursor_at(plan->shape, plan->unused_strides, plan->last, begin);                        \
    for (int64_t row = begin; row < end; row++, dsv_cursor_next(&place)) {                                         \
      for (int64_t j = 0; j < inner->in; j++) sums[j] = 0;                                                         \
      int64_t at[DS_MAX_RANK];                                                                                     \
      bool shown = true;                                                                                           \
      for (int32_t i = 0; i < plan->last; i++) {                                                                   \
        const dsv_axis_map *map = &plan->maps[i];                                                                  \
        at[i] = map->shown_begin[place.position[i]];                                                               \
        shown &= at[i] < map->shown_begin[place.position[i] + 1];                                                  \
      }                                                                                                            \
      while (shown) {                                                                                              \
        const type *from = (const type *)plan->x;                                                                  \
        for (int32_t i = 0; i < plan->last; i++) from += plan->maps[i].shown_at[at[i]] * plan->dy_strides[i];      \
        for (int64_t s = 0; s < inner->stretch_count; s++) {                                                       \
          dsv_stretch stretch = inner->stretches[s];                                                               \
          if (stretch.source < 0) continue;                                                                        \
          for (int64_t j = 0; j < stretch.count; j++) {                                                            \
            sums[stretch.source + j * stretch.step] += LOAD(from[stretch.start + j]);                              \
          }                                                                                                        \
        }                                                                                                          \
        int32_t axis = plan->last - 1;                                                                             \
        for (; axis >= 0; axis--) {                                                                                \
          const dsv_axis_map *map = &plan->maps[axis];                                                             \
          if (++at[axis] < map->shown_begin[place.position[axis] + 1]) break;                                      \
          at[axis] = map->shown_begin[place.position[axis]];                                                       \
        }                                                                                                          \
        shown = axis >= 0;                                                                                         \
      }                                                                                                            \
      type *to = (type *)plan->out + row * inner->in;                                                              \
      for (int64_t j = 0; j < inner->in; j++) to[j] = STORE(sums[j]);                                              \
    }                                                                                                              \
  }
#define SAME(value) (value)
DEFINE_BACKWARD(float32, float, float, SAME, SAME)
DEFINE_BACKWARD(float64, double, double, SAME, SAME)
DEFINE_BACKWARD(float16, uint16_t, float, dsv_load_float16, dsv_store_float16)
DEFINE_BACKWARD(bfloat16, uint16_t, float, dsv_load_bfloat16, dsv_store_bfloat16)

ds_status ds_pad_backward(const ds_view *dy, const int64_t *before, const int64_t *after, ds_pad_mode mode,
                          const ds_view *dx) {
  static const ds_range_body bodies[4] = {backward_float32, backward_float64, backward_float16, backward_bfloat16};
  ds_status status = dsv_check(dy);
  if (status == DS_OK) status = dsv_check_output(dx);
  if (status != DS_OK) return status;
  if (!dsv_is_float(dy->dtype) || dx->dtype != dy->dtype) return DS_UNSUPPORTED_DTYPE;
  if (dy->rank == 0) return dx->rank == 0 ? dsv_copy_view(dy, dx) : DS_INVALID_SHAPE;
  pad_plan plan = {.out = dx->data, .size = dsv_element_size(dy->dtype)};
  status = make_maps(&plan, dx, dy, before, after, mode);
  const void *packed = NULL;
  void *owned = NULL;
  if (status == DS_OK) status = dsv_pack(dy, &packed, &owned);
  if (status == DS_OK && dsv_count(dx) > 0) {
    int64_t width = dx->shape[plan.last];
    plan.x = packed;
    dsv_contiguous_strides(dy, plan.dy_strides);
    for (int32_t i = 0; i < plan.last; i++) plan.shape[i] = dx->shape[i];
    plan.sums = dsv_allocate(width, ds_thread_count() * (int64_t)(dy->dtype == DS_FLOAT64 ? 8 : 4));
    if (plan.sums == NULL) {
      status = DS_OUT_OF_MEMORY;
    } else {
      ds_parallel_for(dsv_extent(dx, 0, plan.last), dsv_grain(width * plan.size), bodies[dy->dtype], &plan);
    }
    free(plan.sums);
  }
  free(owned);
  free_maps(&plan);
  return status;
}
