// index_add, and the gradient of the embedding lookup, which is index_add on the first axis.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_indexing.h"
#include "scatter_rows.h"

ds_status ds_index_add(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *source,
                       const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check(source);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype || source->dtype != x->dtype || x->dtype > DS_BOOL) return DS_UNSUPPORTED_DTYPE;
  if (index->rank != 1 || source->rank != x->rank || !dsv_same_shape(x, out) || !dsv_resolve_axis(&axis, x->rank)) {
    return DS_INVALID_SHAPE;
  }
  for (int32_t i = 0; i < x->rank; i++) {
    if (source->shape[i] != (i == axis ? index->shape[0] : x->shape[i])) return DS_INVALID_SHAPE;
  }
  dsv_row_scatter work = {.out = out->data, .outer = dsv_extent(x, 0, axis), .rows = x->shape[axis],
                          .width = dsv_extent(x, axis + 1, x->rank), .count = index->shape[0], .skip = -1,
                          .dtype = x->dtype, .mode = DS_SCATTER_ADD};
  void *owned_index, *owned_source = NULL;
  status = dsv_indices(index, x->shape[axis], &work.index, &owned_index);
  if (status == DS_OK) status = dsv_pack(source, &work.source, &owned_source);
  if (status == DS_OK) status = dsv_copy_view(x, out);
  if (status == DS_OK) status = dsv_scatter_rows(&work);
  free(owned_index);
  free(owned_source);
  return status;
}

ds_status ds_gather_rows_backward(const ds_view *dy, const ds_view *index, int64_t padding_index,
                                  const ds_view *dweight) {
  ds_status status = dsv_check(dy);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(dweight);
  if (status != DS_OK) return status;
  if (dy->dtype != dweight->dtype || dy->dtype > DS_BOOL) return DS_UNSUPPORTED_DTYPE;
  if (dweight->rank != 2 || index->rank >= DS_MAX_RANK || dy->rank != index->rank + 1 ||
      dy->shape[index->rank] != dweight->shape[1]) {
    return DS_INVALID_SHAPE;
  }
  for (int32_t i = 0; i < index->rank; i++) {
    if (index->shape[i] != dy->shape[i]) return DS_INVALID_SHAPE;
  }
  dsv_row_scatter work = {.out = dweight->data, .outer = 1, .rows = dweight->shape[0], .width = dweight->shape[1],
                          .count = dsv_count(index), .skip = padding_index, .dtype = dy->dtype,
                          .mode = DS_SCATTER_ADD};
  void *owned_index, *owned_dy = NULL;
  status = dsv_indices(index, dweight->shape[0], &work.index, &owned_index);
  if (status == DS_OK) status = dsv_pack(dy, &work.source, &owned_dy);
  if (status == DS_OK) status = dsv_scatter_rows(&work);
  free(owned_index);
  free(owned_dy);
  return status;
}
