// Kernels that run along one axis see a tensor as [outer, axis, inner]. Internal to the kernels.
#ifndef DS_AXIS_LINES_H
#define DS_AXIS_LINES_H

#include "view_loop.h"

typedef struct axis_lines {
  merged m;  // x, its dimensions in their order
  int64_t outer, length, inner;
} axis_lines;

// Plans x's lines along `axis`; false when it has no such axis.
static inline bool axis_lines_plan(axis_lines *lines, const ds_view *x, int32_t axis) {
  if (!ds_view_valid(x) || axis < 0 || axis >= x->rank) return false;
  lines->outer = lines->inner = 1;
  lines->length = x->shape[axis];
  for (int32_t d = 0; d < axis; d++) lines->outer *= x->shape[d];
  for (int32_t d = axis + 1; d < x->rank; d++) lines->inner *= x->shape[d];
  const ds_view *view = x;
  ds_view_merge(&lines->m, &view, 1);
  return true;
}

// The row-major index of element k of the line that begins at (o, j).
static inline int64_t axis_index(const axis_lines *lines, int64_t o, int64_t k, int64_t j) {
  return (o * lines->length + k) * lines->inner + j;
}

// Elements of the given row-major range, as `computed`; `raw` and `buffer` hold BLOCK elements of 8 bytes. The result is
// one of them, or x's own memory.
static inline const void *axis_load(const axis_lines *lines, const void *data, int32_t dtype, int32_t computed,
                                    int64_t begin, int64_t n, void *raw, void *buffer) {
  int64_t size = dtype_size(dtype);
  const void *block = raw;
  if (lines->m.rank == 1 && lines->m.strides[0][0] == 1) {
    block = (const char *)data + begin * size;
  } else {
    ds_view_gather(&lines->m, 0, data, size, begin, n, raw);
  }
  if (dtype == computed) return block;
  ds_convert_block(dtype, block, computed, buffer, n);
  return buffer;
}

#endif
