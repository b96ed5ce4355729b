#include "views.h"

#include <stdlib.h>

ds_status dsv_check(const ds_view *view) {
  int64_t size = dsv_element_size(view->dtype);
  if (size == 0) return DS_UNSUPPORTED_DTYPE;
  if (view->rank < 0 || view->rank > DS_MAX_RANK) return DS_INVALID_SHAPE;
  bool empty = false;
  // Dimensions of zero are left out of the product, so that those beside them are bounded too.
  for (int32_t i = 0; i < view->rank; i++) {
    int64_t dimension = view->shape[i];
    if (dimension < 0) return DS_INVALID_SHAPE;
    if (dimension == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(size, dimension, &size)) {
      return DS_INVALID_SHAPE;
    }
  }
  return view->data == NULL && !empty ? DS_INVALID_SHAPE : DS_OK;
}

ds_status dsv_check_output(const ds_view *view) {
  ds_status status = dsv_check(view);
  if (status != DS_OK) return status;
  return dsv_is_contiguous(view) ? DS_OK : DS_INVALID_SHAPE;
}

bool dsv_is_contiguous(const ds_view *view) {
  int64_t expected = 1;
  bool contiguous = true;
  for (int32_t i = view->rank - 1; i >= 0; i--) {
    if (view->shape[i] == 0) return true;
    if (view->shape[i] != 1 && view->strides[i] != expected) contiguous = false;
    expected *= view->shape[i];
  }
  return contiguous;
}

void dsv_contiguous_strides(const ds_view *view, int64_t strides[DS_MAX_RANK]) {
  int64_t stride = 1;
  for (int32_t i = view->rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= view->shape[i];
  }
}

void *dsv_allocate(int64_t count, int64_t size) {
  int64_t bytes;
  if (count < 0 || __builtin_mul_overflow(count, size, &bytes)) return NULL;
  return malloc(bytes < 1 ? 1 : (size_t)bytes);
}

ds_status dsv_pack(const ds_view *view, const void **data, void **owned) {
  *owned = NULL;
  *data = view->data;
  if (dsv_is_contiguous(view)) return DS_OK;
  int64_t size = dsv_element_size(view->dtype), strides[DS_MAX_RANK];
  *owned = dsv_allocate(dsv_count(view), size);
  if (*owned == NULL) return DS_OUT_OF_MEMORY;
  dsv_contiguous_strides(view, strides);
  dsv_copy(*owned, strides, view->data, view->strides, view->shape, view->rank, size);
  *data = *owned;
  return DS_OK;
}

ds_status dsv_copy_view(const ds_view *x, const ds_view *out) {
  if (x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  if (!dsv_same_shape(x, out)) return DS_INVALID_SHAPE;
  if (x->data == out->data && dsv_is_contiguous(x)) return DS_OK;
  dsv_copy(out->data, out->strides, x->data, x->strides, x->shape, x->rank, dsv_element_size(x->dtype));
  return DS_OK;
}
