#include "ds_lines.h"

#include <string.h>

#include "ds_convert.h"

size_t ds_element_bytes(int32_t dtype) {
  switch (dtype) {
    case DS_INT8:
    case DS_UINT8:
    case DS_BOOL:
    case DS_FLOAT8_E4M3:
    case DS_FLOAT8_E5M2: return 1;
    case DS_FLOAT16:
    case DS_BFLOAT16:
    case DS_INT16:
    case DS_UINT16: return 2;
    case DS_FLOAT32:
    case DS_INT32:
    case DS_UINT32: return 4;
    case DS_FLOAT64:
    case DS_INT64:
    case DS_UINT64:
    case DS_COMPLEX64: return 8;
    default: return 0;
  }
}

int64_t ds_element_count(const ds_view *view) {
  if (view->rank < 0 || view->rank > DS_MAX_RANK) return -1;
  int64_t count = 1;
  bool empty = false;
  for (int32_t i = 0; i < view->rank; i++) {
    if (view->shape[i] < 0) return -1;
    if (view->shape[i] == 0) empty = true;
    else if (__builtin_mul_overflow(count, view->shape[i], &count)) return -1;
  }
  return empty ? 0 : count;
}

bool ds_same_leading(const ds_view *a, const ds_view *b, int32_t axes) {
  for (int32_t i = 0; i < axes; i++) {
    if (a->shape[i] != b->shape[i]) return false;
  }
  return true;
}

bool ds_same_shape(const ds_view *a, const ds_view *b) { return a->rank == b->rank && ds_same_leading(a, b, a->rank); }

// Appends an axis to those over the lines, as one with the last where the strides allow.
static void add_axis(ds_lines *lines, int64_t extent, int64_t stride) {
  if (extent == 1) return;
  int32_t last = lines->rank - 1;
  if (last >= 0 && lines->strides[last] == extent * stride) {
    lines->shape[last] *= extent;
    lines->strides[last] = stride;
    return;
  }
  lines->shape[lines->rank] = extent;
  lines->strides[lines->rank] = stride;
  lines->rank++;
}

ds_lines ds_lines_of(const ds_view *view, int32_t first, int32_t end, bool merge) {
  ds_lines lines = {.data = view->data, .dtype = view->dtype, .count = 1, .width = 1, .step = 1};
  lines.element_bytes = ds_element_bytes(view->dtype);
  int32_t over = end;  // axes before this one go over the lines
  if (end > first) {
    over = end - 1;
    lines.width = view->shape[over];
    lines.step = view->strides[over];
    while (merge && over > first) {
      int64_t extent = view->shape[over - 1], stride = view->strides[over - 1];
      if (lines.width == 1) lines.step = stride;
      else if (extent != 1 && stride != lines.width * lines.step) break;
      lines.width *= extent;
      over--;
    }
  }
  for (int32_t i = first; i < over; i++) {
    lines.count *= view->shape[i];
    add_axis(&lines, view->shape[i], view->strides[i]);
  }
  return lines;
}

ds_lines ds_single_elements(const ds_view *view) {
  ds_lines lines = {.data = view->data, .dtype = view->dtype, .count = 1, .width = 1, .step = 1};
  lines.element_bytes = ds_element_bytes(view->dtype);
  for (int32_t i = 0; i < view->rank; i++) {
    lines.count *= view->shape[i];
    add_axis(&lines, view->shape[i], view->strides[i]);
  }
  return lines;
}

char *ds_line_address(const ds_lines *lines, int64_t line) {
  int64_t offset = 0;
  for (int32_t i = lines->rank - 1; i > 0; i--) {
    int64_t above = line / lines->shape[i];
    offset += (line - above * lines->shape[i]) * lines->strides[i];
    line = above;
  }
  if (lines->rank > 0) offset += line * lines->strides[0];
  return lines->data + offset * (int64_t)lines->element_bytes;
}

// Elements are gathered in pieces of this many before they are converted.
enum { PIECE = 256 };

#define GATHER(type)                                              \
  do {                                                            \
    const type *source = from;                                    \
    type *target = to;                                            \
    for (int64_t i = 0; i < count; i++) target[i] = source[i * step]; \
  } while (0)

static void gather(size_t bytes, const void *from, int64_t step, int64_t count, void *to) {
  if (bytes == 2) GATHER(uint16_t);
  else if (bytes == 4) GATHER(uint32_t);
  else GATHER(uint64_t);
}

#define SCATTER(type)                                             \
  do {                                                            \
    const type *source = from;                                    \
    type *target = to;                                            \
    for (int64_t i = 0; i < count; i++) target[i * step] = source[i]; \
  } while (0)

static void scatter(size_t bytes, const void *from, int64_t count, void *to, int64_t step) {
  if (bytes == 2) SCATTER(uint16_t);
  else if (bytes == 4) SCATTER(uint32_t);
  else SCATTER(uint64_t);
}

void ds_stage_in(int32_t dtype, const void *from, int64_t step, int64_t count, void *to) {
  size_t bytes = ds_element_bytes(dtype);
  if (bytes != 2) {
    if (step == 1) memcpy(to, from, (size_t)count * bytes);
    else gather(bytes, from, step, count, to);
    return;
  }
  const ds_convert_kernels *convert = ds_convert_current();
  void (*widen)(const uint16_t *, float *, int64_t) = dtype == DS_FLOAT16 ? convert->from_half : convert->from_bfloat;
  if (step == 1) {
    widen(from, to, count);
    return;
  }
  uint16_t piece[PIECE];
  for (int64_t done = 0; done < count; done += PIECE) {
    int64_t now = count - done < PIECE ? count - done : PIECE;
    gather(2, (const uint16_t *)from + done * step, step, now, piece);
    widen(piece, (float *)to + done, now);
  }
}

void ds_stage_out(int32_t dtype, const void *from, int64_t count, void *to, int64_t step) {
  size_t bytes = ds_element_bytes(dtype);
  if (bytes != 2) {
    if (step == 1) memcpy(to, from, (size_t)count * bytes);
    else scatter(bytes, from, count, to, step);
    return;
  }
  const ds_convert_kernels *convert = ds_convert_current();
  void (*narrow)(const float *, uint16_t *, int64_t) = dtype == DS_FLOAT16 ? convert->to_half : convert->to_bfloat;
  if (step == 1) {
    narrow(from, to, count);
    return;
  }
  uint16_t piece[PIECE];
  for (int64_t done = 0; done < count; done += PIECE) {
    int64_t now = count - done < PIECE ? count - done : PIECE;
    narrow((const float *)from + done, piece, now);
    scatter(2, piece, now, (uint16_t *)to + done * step, step);
  }
}

bool ds_is_contiguous(const ds_view *view) {
  int64_t stride = 1;
  for (int32_t i = view->rank - 1; i >= 0; i--) {
    if (view->shape[i] != 1 && view->strides[i] != stride) return false;
    stride *= view->shape[i];
  }
  return true;
}

// A stretch of one line from element `begin` of a view in row-major order, of at most `most` elements.
static char *stretch(const ds_lines *lines, int64_t begin, int64_t most, int64_t *length) {
  int64_t line = begin / lines->width, at = begin - line * lines->width;
  *length = lines->width - at < most ? lines->width - at : most;
  return ds_line_address(lines, line) + at * lines->step * (int64_t)lines->element_bytes;
}

void ds_elements_in(const ds_view *view, int64_t begin, int64_t count, void *to) {
  ds_lines lines = ds_lines_of(view, 0, view->rank, true);
  size_t bytes = ds_element_bytes(ds_computing_type(view->dtype));
  for (int64_t done = 0, length; done < count; done += length) {
    const char *from = stretch(&lines, begin + done, count - done, &length);
    ds_stage_in(view->dtype, from, lines.step, length, (char *)to + (size_t)done * bytes);
  }
}

void ds_elements_out(const ds_view *view, int64_t begin, int64_t count, const void *from) {
  ds_lines lines = ds_lines_of(view, 0, view->rank, true);
  size_t bytes = ds_element_bytes(ds_computing_type(view->dtype));
  for (int64_t done = 0, length; done < count; done += length) {
    char *to = stretch(&lines, begin + done, count - done, &length);
    ds_stage_out(view->dtype, (const char *)from + (size_t)done * bytes, length, to, lines.step);
  }
}
