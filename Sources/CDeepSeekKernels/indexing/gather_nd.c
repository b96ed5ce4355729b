// Gather and scatter of slices that are named by several indices each (ONNX GatherND and ScatterND).
#include <stdlib.h>

#include "../views/views.h"
#include "ds_indexing.h"
#include "scatter_rows.h"
#include "select.h"

// Turns tuples [batch, tuples, k] of indices into x's axes batch_axes ..< batch_axes + k into row numbers of x seen as
// [rows, slice]. *rows is the caller's to free.
static ds_status tuple_rows(const ds_view *x, const ds_view *index, int32_t batch_axes, int64_t **rows) {
  *rows = NULL;
  if (index->dtype != DS_INT64 && index->dtype != DS_INT32) return DS_UNSUPPORTED_DTYPE;
  int32_t k = (int32_t)index->shape[index->rank - 1];
  int64_t batch = dsv_extent(index, 0, batch_axes), tuples = dsv_extent(index, batch_axes, index->rank - 1);
  const void *packed;
  void *owned;
  ds_status status = dsv_pack(index, &packed, &owned);
  if (status != DS_OK) return status;
  *rows = dsv_allocate(batch * tuples, sizeof(int64_t));
  if (*rows == NULL) status = DS_OUT_OF_MEMORY;
  const int64_t *wide = packed;
  const int32_t *narrow = packed;
  for (int64_t i = 0; status == DS_OK && i < batch * tuples; i++) {
    int64_t row = i / tuples;
    for (int32_t a = 0; a < k; a++) {
      int64_t limit = x->shape[batch_axes + a];
      int64_t value = index->dtype == DS_INT32 ? narrow[i * k + a] : wide[i * k + a];
      if (value < -limit || value >= limit) {
        status = DS_INDEX_OUT_OF_RANGE;
        break;
      }
      row = row * limit + (value < 0 ? value + limit : value);
    }
    (*rows)[i] = row;
  }
  free(owned);
  return status;
}

// Whether `slices` is [index without its last axis…, x's axes from batch_axes + k on].
static bool slices_fit(const ds_view *x, const ds_view *index, int32_t batch_axes, const ds_view *slices) {
  if (index->rank < 1 || batch_axes < 0 || batch_axes >= index->rank || batch_axes > x->rank) return false;
  int64_t k = index->shape[index->rank - 1];
  if (k < 1 || k > x->rank - batch_axes) return false;
  int32_t first = batch_axes + (int32_t)k, lead = index->rank - 1;
  if (slices->rank != lead + x->rank - first) return false;
  for (int32_t i = 0; i < batch_axes; i++) {
    if (index->shape[i] != x->shape[i]) return false;
  }
  for (int32_t i = 0; i < slices->rank; i++) {
    if (slices->shape[i] != (i < lead ? index->shape[i] : x->shape[first + i - lead])) return false;
  }
  return true;
}

ds_status ds_gather_nd(const ds_view *x, const ds_view *index, int32_t batch_axes, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (!slices_fit(x, index, batch_axes, out)) return DS_INVALID_SHAPE;
  int32_t first = batch_axes + (int32_t)index->shape[index->rank - 1];
  int64_t *rows;
  const void *packed = NULL;
  void *owned = NULL;
  status = tuple_rows(x, index, batch_axes, &rows);
  if (status == DS_OK) status = dsv_pack(x, &packed, &owned);
  if (status == DS_OK) {
    int64_t bytes = dsv_extent(x, first, x->rank) * dsv_element_size(x->dtype);
    dsv_select_rows(out->data, packed, bytes, rows, dsv_extent(index, 0, index->rank - 1), bytes);
  }
  free(rows);
  free(owned);
  return status;
}

ds_status ds_scatter_nd(const ds_view *x, const ds_view *index, const ds_view *source, ds_scatter_mode mode,
                        const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(index);
  if (status == DS_OK) status = dsv_check(source);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != x->dtype || source->dtype != x->dtype || (mode != DS_SCATTER_SET && x->dtype > DS_BOOL)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  if (!dsv_same_shape(x, out) || !slices_fit(x, index, 0, source)) return DS_INVALID_SHAPE;
  int32_t k = (int32_t)index->shape[index->rank - 1];
  dsv_row_scatter work = {.out = out->data, .outer = 1, .rows = dsv_extent(x, 0, k),
                          .width = dsv_extent(x, k, x->rank), .count = dsv_extent(index, 0, index->rank - 1),
                          .skip = -1, .dtype = x->dtype, .mode = mode};
  int64_t *rows;
  void *owned = NULL;
  status = tuple_rows(x, index, 0, &rows);
  work.index = rows;
  if (status == DS_OK) status = dsv_pack(source, &work.source, &owned);
  if (status == DS_OK) status = dsv_copy_view(x, out);
  if (status == DS_OK) status = dsv_scatter_rows(&work);
  free(rows);
  free(owned);
  return status;
}
