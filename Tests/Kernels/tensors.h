// Tensors for kernel tests: any dtype and layout, elements read and written as doubles.
#ifndef DEEPSEEK_TENSORS_H
#define DEEPSEEK_TENSORS_H

#include <stdlib.h>
#include <string.h>

#include "ds_common.h"
#include "views/halves.h"

static uint64_t tensor_state = 0x9E3779B97F4A7C15u;

__attribute__((unused)) static uint32_t tensor_random(void) {
  tensor_state = tensor_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(tensor_state >> 33);
}

__attribute__((unused)) static int64_t tensor_below(int64_t limit) { return (int64_t)(tensor_random() % (uint64_t)limit); }

typedef struct tensor {
  ds_view view;
  char *memory;
} tensor;

static int64_t tensor_size(int32_t dtype) {
  static const int64_t sizes[] = {4, 8, 2, 2, 1, 1, 2, 4, 8, 1};
  return sizes[dtype];
}

static int64_t tensor_count(const tensor *t) {
  int64_t count = 1;
  for (int32_t i = 0; i < t->view.rank; i++) count *= t->view.shape[i];
  return count;
}

// Contiguous, or (strided) with its axes in reverse order in memory and the first one running backwards. The memory is
// exactly as long as the elements need, so that the address sanitizer sees the first step beyond.
__attribute__((unused)) static tensor tensor_make(int32_t dtype, int32_t rank, const int64_t *shape, bool strided) {
  tensor t = {.view = {.dtype = dtype, .rank = rank}};
  int64_t stride = 1, offset = 0;
  for (int32_t i = 0; i < rank; i++) t.view.shape[i] = shape[i];
  for (int32_t i = 0; i < rank; i++) {
    int32_t axis = strided ? i : rank - 1 - i;
    t.view.strides[axis] = stride;
    stride *= shape[axis];
  }
  if (strided && rank > 0 && shape[0] > 0) {
    offset = (shape[0] - 1) * t.view.strides[0];
    t.view.strides[0] = -t.view.strides[0];
  }
  t.memory = calloc((size_t)(stride > 0 ? stride : 1), (size_t)tensor_size(dtype));
  t.view.data = t.memory + offset * tensor_size(dtype);
  return t;
}

// The offset of element `i` in row-major order.
static int64_t tensor_offset(const tensor *t, int64_t i) {
  int64_t offset = 0;
  for (int32_t a = t->view.rank - 1; a >= 0; a--) {
    offset += i % t->view.shape[a] * t->view.strides[a];
    i /= t->view.shape[a];
  }
  return offset;
}

__attribute__((unused)) static double tensor_get(const tensor *t, int64_t i) {
  const char *at = (const char *)t->view.data + tensor_offset(t, i) * tensor_size(t->view.dtype);
  switch (t->view.dtype) {
    case DS_FLOAT32: return *(const float *)at;
    case DS_FLOAT64: return *(const double *)at;
    case DS_FLOAT16: return dsv_load_float16(*(const uint16_t *)at);
    case DS_BFLOAT16: return dsv_load_bfloat16(*(const uint16_t *)at);
    case DS_INT8: return *(const int8_t *)at;
    case DS_INT16: return *(const int16_t *)at;
    case DS_INT32: return *(const int32_t *)at;
    case DS_INT64: return (double)*(const int64_t *)at;
    default: return *(const uint8_t *)at;
  }
}

__attribute__((unused)) static void tensor_set(tensor *t, int64_t i, double value) {
  char *at = (char *)t->view.data + tensor_offset(t, i) * tensor_size(t->view.dtype);
  switch (t->view.dtype) {
    case DS_FLOAT32: *(float *)at = (float)value; break;
    case DS_FLOAT64: *(double *)at = value; break;
    case DS_FLOAT16: *(uint16_t *)at = dsv_store_float16((float)value); break;
    case DS_BFLOAT16: *(uint16_t *)at = dsv_store_bfloat16((float)value); break;
    case DS_INT8: *(int8_t *)at = (int8_t)value; break;
    case DS_INT16: *(int16_t *)at = (int16_t)value; break;
    case DS_INT32: *(int32_t *)at = (int32_t)value; break;
    case DS_INT64: *(int64_t *)at = (int64_t)value; break;
    default: *(uint8_t *)at = (uint8_t)value; break;
  }
}

// Random values: quarters from -8 to 8 for floats (ties occur), small integers, 0 or 1 for bool.
__attribute__((unused)) static void tensor_fill(tensor *t) {
  for (int64_t i = 0, count = tensor_count(t); i < count; i++) {
    int64_t random = tensor_below(64);
    double value = (double)random;
    if (t->view.dtype == DS_BOOL) value = (double)(random & 1);
    if (t->view.dtype <= DS_BFLOAT16) value = (double)(random - 32) / 4;
    if (t->view.dtype == DS_INT8 || (t->view.dtype >= DS_INT16 && t->view.dtype <= DS_INT64)) value -= 32;
    tensor_set(t, i, value);
  }
}

__attribute__((unused)) static tensor tensor_random_make(int32_t dtype, int32_t rank, const int64_t *shape,
                                                         bool strided) {
  tensor t = tensor_make(dtype, rank, shape, strided);
  tensor_fill(&t);
  return t;
}

__attribute__((unused)) static void tensor_free(tensor *t) { free(t->memory); }

// How far a sum of a few hundred elements of size 1 may be off.
__attribute__((unused)) static double tensor_tolerance(int32_t dtype) {
  return dtype == DS_FLOAT64 ? 1e-12 : dtype == DS_FLOAT32 ? 2e-5 : dtype == DS_FLOAT16 ? 4e-3 : dtype == DS_BFLOAT16 ? 3e-2 : 0;
}

#endif
