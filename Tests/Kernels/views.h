// Views for kernel tests.
#ifndef DEEPSEEK_TEST_VIEWS_H
#define DEEPSEEK_TEST_VIEWS_H

#include "ds_common.h"

// A contiguous view of `rank` dimensions.
__attribute__((unused)) static ds_view shaped_view(void *data, ds_dtype dtype, int32_t rank, const int64_t *shape) {
  ds_view view = {.data = data, .dtype = dtype, .rank = rank};
  int64_t stride = 1;
  for (int32_t i = rank - 1; i >= 0; i--) {
    view.shape[i] = shape[i];
    view.strides[i] = stride;
    stride *= shape[i];
  }
  return view;
}

__attribute__((unused)) static ds_view vector_view(void *data, ds_dtype dtype, int64_t count) {
  return shaped_view(data, dtype, 1, &count);
}

__attribute__((unused)) static ds_view matrix_view(void *data, ds_dtype dtype, int64_t rows, int64_t columns) {
  return shaped_view(data, dtype, 2, (const int64_t[]){rows, columns});
}

// The same elements with two dimensions exchanged.
__attribute__((unused)) static ds_view exchanged(ds_view view, int32_t a, int32_t b) {
  int64_t size = view.shape[a], stride = view.strides[a];
  view.shape[a] = view.shape[b];
  view.strides[a] = view.strides[b];
  view.shape[b] = size;
  view.strides[b] = stride;
  return view;
}

// The offset, in elements, of element `index` in row-major order.
__attribute__((unused)) static int64_t element_offset(const ds_view *view, int64_t index) {
  int64_t offset = 0;
  for (int32_t i = view->rank - 1; i >= 0; i--) {
    offset += index % view->shape[i] * view->strides[i];
    index /= view->shape[i];
  }
  return offset;
}

#endif
