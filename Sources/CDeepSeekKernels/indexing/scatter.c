// Scatter by element. Two source elements can meet in one output element only if they differ along the axis alone, so
// the other axes are shared among the threads and the axis is walked in order.
#include "ds_indexing.h"

#include <stdlib.h>

#include "../views/cursor.h"
#include "../views/views.h"
#include "combine.h"
#include "ds_threads.h"

// `length` steps along the axis, each for `width` neighbouring elements.
typedef void (*scatter_block)(void *out, const void *source, const int64_t *index, int64_t length, int64_t step,
                              int64_t out_step, int64_t width);

#define DEFINE_SET(bits)                                                                                             \
  static void set_##bits(void *out, const void *source, const int64_t *index, int64_t length, int64_t step,          \
                         int64_t out_step, int64_t width) {                                                          \
    uint##bits##_t *to = out;                                                                                        \
    const uint##bits##_t *from = source;                                                                             \
    for (int64_t a = 0; a < length; a++, index += step, from += step) {                                              \
      for (int64_t j = 0; j < width; j++) to[index[j] * out_step + j] = from[j];                                     \
    }                                                                                                                \
  }
DEFINE_SET(8)
DEFINE_SET(16)
DEFINE_SET(32)
DEFINE_SET(64)

#define DEFINE_COMBINE(operation, suffix, type)                                                                      \
  static void operation##_##suffix(void *out, const void *source, const int64_t *index, int64_t length,              \
                                   int64_t step, int64_t out_step, int64_t width) {                                  \
    type *to = out;                                                                                                  \
    const type *from = source;                                                                                       \
    for (int64_t a = 0; a < length; a++, index += step, from += step) {                                              \
      for (int64_t j = 0; j < width; j++) {                                                                          \
        type *target = to + index[j] * out_step + j;                                                                 \
        *target = dsv_##operation##_##suffix(*target, from[j]);                                                      \
      }                                                                                                              \
    }                                                                                                                \
  }
#define DEFINE_ALL(dtype, suffix, type) \
  DEFINE_COMBINE(add, suffix, type)     \
  DEFINE_COMBINE(multiply, suffix, type) \
  DEFINE_COMBINE(max, suffix, type)     \
  DEFINE_COMBINE(min, suffix, type)
DSV_ARITHMETIC_TYPES(DEFINE_ALL)

static scatter_block block_for(int32_t dtype, ds_scatter_mode mode) {
#define ROW(dtype, suffix, type) [dtype] = {add_##suffix, multiply_##suffix, max_##suffix, min_##suffix},
  static const scatter_block combining[DS_DTYPE_COUNT][4] = {DSV_ARITHMETIC_TYPES(ROW)};
#undef ROW
  if (mode >= DS_SCATTER_ADD && mode <= DS_SCATTER_MIN) return combining[dtype][mode - DS_SCATTER_ADD];
  if (mode != DS_SCATTER_SET) return NULL;
  switch (dsv_element_size(dtype)) {
    case 1: return set_8;
    case 2: return set_16;
    case 4: return set_32;
    default: return set_64;
  }
}

typedef struct scatter_plan {
  char *out;
  const char *source;
  const int64_t *index;
  scatter_block block;
  int64_t size, length, step, out_step, width;
  int32_t rank;
  int64_t shape[DS_MAX_RANK];  // of the index, with 1 for the axis and for the last axis where that is another
  int64_t strides[DS_MAX_RANK], out_strides[DS_MAX_RANK];
} scatter_plan;

static void scatter_lines(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const scatter_plan *plan = context;
  dsv_cursor from = dsv_cursor_at(plan->shape, plan->strides, plan->rank, begin / plan->width);
  dsv_cursor to = dsv_cursor_at(plan->shape, plan->out_strides, plan->rank, begin / plan->width);
  int64_t column = begin % plan->width;
  while (begin < end) {
    int64_t width = plan->width - column < end - begin ? plan->width - column : end - begin;
    plan->block(plan->out + (to.offset + column) * plan->size, plan->source + (from.offset + column) * plan->size,
                plan->index + from.offset + column, plan->length, plan->step, plan->out_step, width);
    begin += width;
    column = 0;
    dsv_cursor_next(&from);
    dsv_cursor_next(&to);
  }
}

ds_status ds_scatter(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *source, ds_scatter_mode mode,
                     const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check(source);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype || source->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (x->rank != index->rank || !dsv_same_shape(index, source) || !dsv_same_shape(x, out) ||
      !dsv_resolve_axis(&axis, x->rank)) {
    return DS_INVALID_SHAPE;
  }
  int32_t last = x->rank - 1;
  scatter_plan plan = {.out = out->data, .size = dsv_element_size(x->dtype), .rank = x->rank,
                       .length = index->shape[axis], .block = block_for(x->dtype, mode)};
  if (plan.block == NULL) return DS_UNSUPPORTED_DTYPE;
  dsv_contiguous_strides(index, plan.strides);
  dsv_contiguous_strides(out, plan.out_strides);
  plan.step = plan.strides[axis];
  plan.out_step = plan.out_strides[axis];
  plan.width = axis == last ? 1 : index->shape[last];
  int64_t lines = 1;
  for (int32_t i = 0; i < x->rank; i++) {
    if (i != axis && index->shape[i] > x->shape[i]) return DS_INVALID_SHAPE;
    if (i != axis) lines *= index->shape[i];
    plan.shape[i] = i == axis || i == last ? 1 : index->shape[i];
  }

  void *owned_index, *owned_source = NULL;
  status = dsv_indices(index, x->shape[axis], &plan.index, &owned_index);
  const void *packed = NULL;
  if (status == DS_OK) status = dsv_pack(source, &packed, &owned_source);
  if (status == DS_OK) status = dsv_copy_view(x, out);
  if (status == DS_OK && lines > 0 && plan.length > 0) {
    plan.source = packed;
    ds_parallel_for(lines, dsv_grain(plan.length * (plan.size + (int64_t)sizeof(int64_t))), scatter_lines, &plan);
  }
  free(owned_index);
  free(owned_source);
  return status;
}
