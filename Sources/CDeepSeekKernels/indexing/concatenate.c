// Concatenation along an axis: each view is copied to its place in the output.
#include "../views/views.h"
#include "ds_indexing.h"

ds_status ds_concatenate(int32_t count, const ds_view *views, int32_t axis, const ds_view *out) {
  ds_status status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (count < 1 || !dsv_resolve_axis(&axis, out->rank)) return DS_INVALID_SHAPE;
  int64_t total = 0;
  for (int32_t v = 0; v < count; v++) {
    status = dsv_check(&views[v]);
    if (status != DS_OK) return status;
    if (views[v].dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
    if (views[v].rank != out->rank) return DS_INVALID_SHAPE;
    for (int32_t i = 0; i < out->rank; i++) {
      if (i != axis && views[v].shape[i] != out->shape[i]) return DS_INVALID_SHAPE;
    }
    if (__builtin_add_overflow(total, views[v].shape[axis], &total)) return DS_INVALID_SHAPE;
  }
  if (total != out->shape[axis]) return DS_INVALID_SHAPE;
  if (dsv_count(out) == 0) return DS_OK;
  int64_t strides[DS_MAX_RANK], size = dsv_element_size(out->dtype), at = 0;
  dsv_contiguous_strides(out, strides);
  for (int32_t v = 0; v < count; v++) {
    dsv_copy((char *)out->data + at * strides[axis] * size, strides, views[v].data, views[v].strides, views[v].shape,
             out->rank, size);
    at += views[v].shape[axis];
  }
  return DS_OK;
}
