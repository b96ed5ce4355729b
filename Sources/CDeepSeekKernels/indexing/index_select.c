// Selection of whole slices: index_select along an axis, take, and the embedding lookup.
#include "ds_indexing.h"

#include <stdlib.h>

#include "../views/cursor.h"
#include "../views/views.h"
#include "ds_threads.h"
#include "select.h"

// Whether shape[begin...] of the view is laid out row-major without gaps.
static bool trailing_contiguous(const ds_view *view, int32_t begin) {
  int64_t expected = 1;
  for (int32_t i = view->rank - 1; i >= begin; i--) {
    if (view->shape[i] != 1 && view->strides[i] != expected) return false;
    expected *= view->shape[i];
  }
  return true;
}

typedef struct slice_plan {
  const ds_view *x;
  const int64_t *index;
  char *out;
  int32_t axis;
  int64_t size, picked, inner;
  bool contiguous;  // each slice of the axes after `axis`
} slice_plan;

// The range counts entries of the axes before `axis`.
static void select_outer(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const slice_plan *plan = context;
  const ds_view *x = plan->x;
  dsv_cursor outer = dsv_cursor_at(x->shape, x->strides, plan->axis, begin);
  int64_t bytes = plan->inner * plan->size, stride = x->strides[plan->axis];
  ds_view slice = {.rank = x->rank - plan->axis - 1};
  for (int32_t i = 0; i < slice.rank; i++) {
    slice.shape[i] = x->shape[plan->axis + 1 + i];
    slice.strides[i] = x->strides[plan->axis + 1 + i];
  }
  int64_t out_strides[DS_MAX_RANK];
  dsv_contiguous_strides(&slice, out_strides);
  for (int64_t o = begin; o < end; o++, dsv_cursor_next(&outer)) {
    const char *from = (const char *)x->data + outer.offset * plan->size;
    char *to = plan->out + o * plan->picked * bytes;
    if (plan->contiguous) {
      dsv_select_rows(to, from, stride * plan->size, plan->index, plan->picked, bytes);
      continue;
    }
    for (int64_t a = 0; a < plan->picked; a++) {
      dsv_copy(to + a * bytes, out_strides, from + plan->index[a] * stride * plan->size, slice.strides, slice.shape,
               slice.rank, plan->size);
    }
  }
}

ds_status ds_index_select(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (index->rank != 1 || out->rank != x->rank || !dsv_resolve_axis(&axis, x->rank)) return DS_INVALID_SHAPE;
  for (int32_t i = 0; i < x->rank; i++) {
    if (out->shape[i] != (i == axis ? index->shape[0] : x->shape[i])) return DS_INVALID_SHAPE;
  }
  slice_plan plan = {.x = x, .out = out->data, .axis = axis, .size = dsv_element_size(x->dtype),
                     .picked = index->shape[0], .inner = dsv_extent(x, axis + 1, x->rank),
                     .contiguous = trailing_contiguous(x, axis + 1)};
  void *owned;
  status = dsv_indices(index, x->shape[axis], &plan.index, &owned);
  if (status != DS_OK) return status;
  int64_t outer = dsv_extent(x, 0, axis);
  if (dsv_count(out) > 0) {
    // With one outer entry the call inside shares the rows; with several the outer loop does.
    if (outer == 1) {
      select_outer(&plan, 0, 1, 0);
    } else {
      ds_parallel_for(outer, dsv_grain(plan.picked * plan.inner * plan.size), select_outer, &plan);
    }
  }
  free(owned);
  return DS_OK;
}

ds_status ds_take(const ds_view *x, const ds_view *index, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (!dsv_same_shape(index, out)) return DS_INVALID_SHAPE;
  const int64_t *indices;
  const void *packed = NULL;
  void *owned_index, *owned_x = NULL;
  status = dsv_indices(index, dsv_count(x), &indices, &owned_index);
  if (status == DS_OK) status = dsv_pack(x, &packed, &owned_x);
  if (status == DS_OK) {
    int64_t size = dsv_element_size(x->dtype);
    dsv_select_rows(out->data, packed, size, indices, dsv_count(index), size);
  }
  free(owned_index);
  free(owned_x);
  return status;
}

ds_status ds_gather_rows(const ds_view *weight, const ds_view *index, const ds_view *out) {
  ds_status status = dsv_check(weight);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != weight->dtype) return DS_UNSUPPORTED_DTYPE;
  if (weight->rank != 2 || index->rank >= DS_MAX_RANK || out->rank != index->rank + 1 ||
      out->shape[index->rank] != weight->shape[1]) {
    return DS_INVALID_SHAPE;
  }
  for (int32_t i = 0; i < index->rank; i++) {
    if (index->shape[i] != out->shape[i]) return DS_INVALID_SHAPE;
  }
  int64_t size = dsv_element_size(weight->dtype), width = weight->shape[1];
  slice_plan plan = {.x = weight, .out = out->data, .axis = 0, .size = size, .picked = dsv_count(index),
                     .inner = width, .contiguous = trailing_contiguous(weight, 1)};
  void *owned;
  status = dsv_indices(index, weight->shape[0], &plan.index, &owned);
  if (status != DS_OK) return status;
  if (dsv_count(out) > 0) select_outer(&plan, 0, 1, 0);
  free(owned);
  return DS_OK;
}
