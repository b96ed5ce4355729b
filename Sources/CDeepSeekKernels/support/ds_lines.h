// How kernels that compute in float or double walk over views of any layout and element type: a line (the elements
// along one axis) is used where it lies when it is contiguous and of the computing type, and staged in a buffer
// otherwise. Internal to the kernels.
#ifndef DS_LINES_H
#define DS_LINES_H

#include "../include/ds_common.h"

// The floating-point types that kernels compute on.
static inline bool ds_is_floating(int32_t dtype) { return dtype >= DS_FLOAT32 && dtype <= DS_BFLOAT16; }

// The type in which elements of `dtype` are computed: float64 for itself, float32 for the rest.
static inline ds_dtype ds_computing_type(int32_t dtype) { return dtype == DS_FLOAT64 ? DS_FLOAT64 : DS_FLOAT32; }

// Bytes of one element; 0 for a type that is none of the enumeration's.
size_t ds_element_bytes(int32_t dtype);

// The number of elements, or -1 for a view that is no view: a bad rank, a negative extent, a count beyond int64_t.
int64_t ds_element_count(const ds_view *view);

// Whether the shapes are equal in the first `axes` axes.
bool ds_same_leading(const ds_view *a, const ds_view *b, int32_t axes);
bool ds_same_shape(const ds_view *a, const ds_view *b);

// A view as `count` lines of `width` elements that lie `step` apart. The axes over the lines are merged where their
// strides allow, so that finding a line is one multiplication for the usual layouts.
typedef struct ds_lines {
  char *data;
  int32_t dtype;
  int32_t rank;  // of the axes over the lines
  int64_t count, width, step;
  size_t element_bytes;
  int64_t shape[DS_MAX_RANK], strides[DS_MAX_RANK];
} ds_lines;

// The lines of `view` over its axes `first` ..< `end`; the last of them is a line, merged with those before it where
// the strides allow and `merge` is true. With no axes: one line of one element.
ds_lines ds_lines_of(const ds_view *view, int32_t first, int32_t end, bool merge);

// The lines along the last axis, over all others.
static inline ds_lines ds_last_axis_lines(const ds_view *view) { return ds_lines_of(view, 0, view->rank, false); }

// Each element a line of its own: for values that go with the rows of another view.
ds_lines ds_single_elements(const ds_view *view);

char *ds_line_address(const ds_lines *lines, int64_t line);

// Whether lines must be staged to be computed on.
static inline bool ds_lines_staged(const ds_lines *lines) {
  return (lines->step != 1 && lines->width > 1) || ds_computing_type(lines->dtype) != (ds_dtype)lines->dtype;
}

// Reads `count` elements, `step` elements apart, as numbers of the computing type; and the reverse.
void ds_stage_in(int32_t dtype, const void *from, int64_t step, int64_t count, void *to);
void ds_stage_out(int32_t dtype, const void *from, int64_t count, void *to, int64_t step);

// A line as numbers of the computing type: where it lies, or copied into `buffer`.
static inline const void *ds_line_in(const ds_lines *lines, int64_t line, void *buffer) {
  const char *at = ds_line_address(lines, line);
  if (!ds_lines_staged(lines)) return at;
  ds_stage_in(lines->dtype, at, lines->step, lines->width, buffer);
  return buffer;
}

// Where to compute a line: in place, or in `buffer`, which ds_line_finish then stores.
static inline void *ds_line_out(const ds_lines *lines, int64_t line, void *buffer) {
  return ds_lines_staged(lines) ? buffer : ds_line_address(lines, line);
}
static inline void ds_line_finish(const ds_lines *lines, int64_t line, const void *computed) {
  if (ds_lines_staged(lines)) {
    ds_stage_out(lines->dtype, computed, lines->width, ds_line_address(lines, line), lines->step);
  }
}

// The same for elements begin ..< begin + count of a view in row-major order.
void ds_elements_in(const ds_view *view, int64_t begin, int64_t count, void *to);
void ds_elements_out(const ds_view *view, int64_t begin, int64_t count, const void *from);

// Whether the elements lie one after another in row-major order.
bool ds_is_contiguous(const ds_view *view);

#endif
