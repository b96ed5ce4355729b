// One tensor in many layouts, of any dtype, for kernel tests: what a kernel makes of it must not depend on the layout.
#ifndef DEEPSEEK_TEST_LAYOUTS_H
#define DEEPSEEK_TEST_LAYOUTS_H

#include <stdlib.h>
#include <string.h>

#include "ds_elementwise.h"
#include "views.h"

enum { LAYOUTS = 5 };
static const char *const layout_names[LAYOUTS] __attribute__((unused)) = {"contiguous", "transposed", "every other",
                                                                          "reversed", "padded rows"};

typedef struct layout_tensor {
  ds_view view;
  void *memory;
} layout_tensor;

static const int layout_sizes[DS_DTYPE_COUNT] __attribute__((unused)) = {4, 8, 2, 2, 1, 1, 2, 4, 8, 1, 8, 1, 1, 2, 4, 8};

// A tensor of that dtype and layout, its elements made from doubles in row-major order. Memory is exactly what the
// layout spans, so that the address sanitizer sees a step outside.
__attribute__((unused)) static layout_tensor make_layout(const double *values, ds_dtype dtype, int32_t rank,
                                                         const int64_t *shape, int layout) {
  layout_tensor t;
  ds_view plain = shaped_view(NULL, DS_FLOAT64, rank, shape);
  int64_t count = 1, step = 1;
  for (int32_t d = 0; d < rank; d++) count *= shape[d];
  ds_view v = plain;
  v.dtype = dtype;
  int64_t span = count;
  if (layout == 1) {  // dimensions in the opposite order
    for (int32_t d = 0; d < rank; d++) {
      v.strides[d] = step;
      step *= shape[d];
    }
  } else if (layout == 2) {
    for (int32_t d = 0; d < rank; d++) v.strides[d] *= 2;
    span = 2 * count - 1;
  } else if (layout == 4 && rank > 0) {
    step = shape[rank - 1] + 3;
    for (int32_t d = rank - 2; d >= 0; d--) {
      v.strides[d] = step;
      step *= shape[d];
    }
    span = step;
  }
  int64_t size = layout_sizes[dtype];
  t.memory = malloc((size_t)(span > 0 ? span * size : 1));
  memset(t.memory, 0x5A, (size_t)(span > 0 ? span * size : 1));
  v.data = t.memory;
  if (layout == 3) {
    int64_t last = 0;
    for (int32_t d = 0; d < rank; d++) {
      last += (shape[d] - 1) * v.strides[d];
      v.strides[d] = -v.strides[d];
    }
    if (count > 0) v.data = (char *)t.memory + last * size;
  }
  plain.data = (void *)values;
  ds_cast(&plain, &v);
  t.view = v;
  return t;
}

// The elements as doubles, in row-major order.
__attribute__((unused)) static void read_layout(const ds_view *view, double *values) {
  ds_view plain = shaped_view(values, DS_FLOAT64, view->rank, view->shape);
  ds_cast(view, &plain);
}

// Numbers that repeat from run to run, in -1 ..< 1.
__attribute__((unused)) static double pseudo_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)(*state >> 11) * 0x1p-52 - 1.0;
}

#endif
