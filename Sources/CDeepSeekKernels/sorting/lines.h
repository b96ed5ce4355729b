// The lines of a tensor along one axis, and of outputs that have its shape save there.
#ifndef DSV_LINES_H
#define DSV_LINES_H

#include "../views/views.h"

typedef struct dsv_lines {
  int64_t count;   // how many lines
  int64_t length;  // of a line of the input
  int64_t inner;   // elements after the axis: the stride along an output's lines
  int32_t rank;
  int64_t shape[DS_MAX_RANK];  // the input's, with 1 for the axis
} dsv_lines;

static inline dsv_lines dsv_lines_of(const ds_view *x, int32_t axis) {
  dsv_lines lines = {.count = dsv_extent(x, 0, axis) * dsv_extent(x, axis + 1, x->rank), .length = x->shape[axis],
                     .inner = dsv_extent(x, axis + 1, x->rank), .rank = x->rank};
  for (int32_t i = 0; i < x->rank; i++) lines.shape[i] = i == axis ? 1 : x->shape[i];
  return lines;
}

// Where line `line` begins in a contiguous output whose lines have `length` elements.
static inline int64_t dsv_line_start(const dsv_lines *lines, int64_t line, int64_t length) {
  return line / lines->inner * length * lines->inner + line % lines->inner;
}

#endif
