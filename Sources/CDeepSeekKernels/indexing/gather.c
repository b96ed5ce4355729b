// Gather by element: each output element names its place along one axis.
#include "ds_indexing.h"

#include <stdlib.h>

#include "../views/cursor.h"
#include "../views/views.h"
#include "ds_threads.h"

typedef struct gather_plan {
  const char *x;
  const int64_t *index;
  char *out;
  int64_t size, width;
  int64_t axis_stride, last_stride;
  int32_t rank;  // of the rows: all axes of the index but the last
  int64_t shape[DS_MAX_RANK], strides[DS_MAX_RANK];
} gather_plan;

#define GATHER_ROW(type)                                                                           \
  do {                                                                                             \
    const type *from = (const type *)x;                                                            \
    type *to = (type *)out;                                                                        \
    for (int64_t j = 0; j < count; j++) to[j] = from[index[j] * axis_stride + j * last_stride];    \
  } while (0)

static void gather_row(char *out, const char *x, const int64_t *index, int64_t axis_stride, int64_t last_stride,
                       int64_t count, int64_t size) {
  switch (size) {
    case 1: GATHER_ROW(uint8_t); break;
    case 2: GATHER_ROW(uint16_t); break;
    case 4: GATHER_ROW(uint32_t); break;
    default: GATHER_ROW(uint64_t); break;
  }
}

// The range counts elements, so that one long row is shared too.
static void gather_elements(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const gather_plan *plan = context;
  dsv_cursor row = dsv_cursor_at(plan->shape, plan->strides, plan->rank, begin / plan->width);
  int64_t column = begin % plan->width;
  while (begin < end) {
    int64_t count = plan->width - column < end - begin ? plan->width - column : end - begin;
    gather_row(plan->out + begin * plan->size, plan->x + (row.offset + column * plan->last_stride) * plan->size,
               plan->index + begin, plan->axis_stride, plan->last_stride, count, plan->size);
    begin += count;
    column = 0;
    dsv_cursor_next(&row);
  }
}

ds_status ds_gather(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (x->rank != index->rank || !dsv_same_shape(index, out) || !dsv_resolve_axis(&axis, x->rank)) {
    return DS_INVALID_SHAPE;
  }
  for (int32_t i = 0; i < x->rank; i++) {
    if (i != axis && index->shape[i] > x->shape[i]) return DS_INVALID_SHAPE;
  }

  int32_t last = x->rank - 1;
  gather_plan plan = {.x = x->data, .out = out->data, .size = dsv_element_size(x->dtype), .width = out->shape[last],
                      .axis_stride = x->strides[axis], .last_stride = axis == last ? 0 : x->strides[last],
                      .rank = last};
  for (int32_t i = 0; i < last; i++) {
    plan.shape[i] = index->shape[i];
    plan.strides[i] = i == axis ? 0 : x->strides[i];
  }
  void *owned;
  status = dsv_indices(index, x->shape[axis], &plan.index, &owned);
  if (status != DS_OK) return status;
  int64_t count = dsv_count(out);
  if (count > 0) ds_parallel_for(count, dsv_grain(plan.size + (int64_t)sizeof(int64_t)), gather_elements, &plan);
  free(owned);
  return DS_OK;
}
