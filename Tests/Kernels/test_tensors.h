// Tensors for the kernel tests: views in memory of exactly their size, read and written as doubles whatever their type.
#ifndef DEEPSEEK_TEST_TENSORS_H
#define DEEPSEEK_TEST_TENSORS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ds_common.h"

// How a test tensor lies in memory.
typedef enum test_layout { CONTIGUOUS, TRANSPOSED, SPREAD, FLIPPED, TEST_LAYOUTS } test_layout;

static uint64_t test_state = 1;

// In [-1, 1).
__attribute__((unused)) static double test_random(void) {
  test_state = test_state * 6364136223846793005u + 1442695040888963407u;
  return (double)(int32_t)(test_state >> 32) * 0x1p-31;
}

__attribute__((unused)) static size_t test_bytes(int32_t dtype) {
  switch (dtype) {
    case DS_BOOL:
    case DS_INT8:
    case DS_UINT8: return 1;
    case DS_FLOAT16:
    case DS_BFLOAT16:
    case DS_INT16: return 2;
    case DS_FLOAT64:
    case DS_INT64:
    case DS_UINT64: return 8;
    default: return 4;
  }
}

// Where the memory of a view of each layout begins: FLIPPED views point behind their first byte.
typedef struct test_tensor {
  ds_view view;
  void *memory;
  int64_t count;
} test_tensor;

// A tensor of zeros. TRANSPOSED: the first axis is the fastest. SPREAD: every second element, and a gap between rows.
// FLIPPED: the last axis runs backwards.
__attribute__((unused)) static test_tensor test_make(int32_t dtype, int32_t rank, const int64_t *shape,
                                                     test_layout layout) {
  test_tensor t = {.view = {.dtype = dtype, .rank = rank}, .count = 1};
  int64_t extent = 1;  // elements of memory
  for (int32_t i = 0; i < rank; i++) t.count *= t.view.shape[i] = shape[i];
  for (int32_t k = 0; k < rank; k++) {
    int32_t i = layout == TRANSPOSED ? k : rank - 1 - k;
    if (k == 0 && layout == SPREAD) extent = 2;
    t.view.strides[i] = extent;
    extent *= shape[i];
    if (k == 0 && layout == SPREAD) extent += 3;
  }
  if (t.count == 0) extent = 1;
  t.memory = calloc((size_t)extent, test_bytes(dtype));
  t.view.data = t.memory;
  if (layout == FLIPPED && rank > 0 && t.count > 0) {
    t.view.data = (char *)t.memory + (size_t)((shape[rank - 1] - 1) * t.view.strides[rank - 1]) * test_bytes(dtype);
    t.view.strides[rank - 1] *= -1;
  }
  return t;
}

__attribute__((unused)) static void test_free(test_tensor *t) { free(t->memory); }

static void *test_address(const test_tensor *t, int64_t index) {
  int64_t offset = 0;
  for (int32_t i = t->view.rank - 1; i >= 0; i--) {
    offset += index % t->view.shape[i] * t->view.strides[i];
    index /= t->view.shape[i];
  }
  return (char *)t->view.data + offset * (int64_t)test_bytes(t->view.dtype);
}

// A 16-bit float's value, by its definition: `exponent_bits` of exponent, the rest mantissa.
static double test_widen(uint16_t word, int exponent_bits) {
  int mantissa_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  int exponent = (word & 0x7fff) >> mantissa_bits, mantissa = word & ((1 << mantissa_bits) - 1);
  double sign = word & 0x8000 ? -1.0 : 1.0;
  if (exponent == (1 << exponent_bits) - 1) return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
}

// The nearest 16-bit float, found by bisection over the positive ones.
static uint16_t test_narrow(double value, int exponent_bits) {
  uint16_t sign = signbit(value) ? 0x8000 : 0, low = 0;
  uint16_t high = (uint16_t)(((1 << exponent_bits) - 1) << (15 - exponent_bits));
  if (isnan(value)) return (uint16_t)(high | 0x7fff);
  double x = fabs(value);
  while (high - low > 1) {
    uint16_t middle = (uint16_t)((low + high) / 2);
    if (test_widen(middle, exponent_bits) <= x) low = middle;
    else high = middle;
  }
  double below = test_widen(low, exponent_bits), step = below - test_widen((uint16_t)(low - (low > 0)), exponent_bits);
  double above = isinf(test_widen(high, exponent_bits)) ? below + step : test_widen(high, exponent_bits);
  bool up = x - below > above - x || (x - below == above - x && (low & 1));
  return (uint16_t)(sign | (up ? high : low));
}

__attribute__((unused)) static double test_get(const test_tensor *t, int64_t index) {
  const void *at = test_address(t, index);
  switch (t->view.dtype) {
    case DS_FLOAT32: return (double)*(const float *)at;
    case DS_FLOAT64: return *(const double *)at;
    case DS_FLOAT16: return test_widen(*(const uint16_t *)at, 5);
    case DS_BFLOAT16: return test_widen(*(const uint16_t *)at, 8);
    case DS_INT32: return *(const int32_t *)at;
    case DS_INT64: return (double)*(const int64_t *)at;
    case DS_INT8: return *(const int8_t *)at;
    case DS_INT16: return *(const int16_t *)at;
    default: return *(const uint8_t *)at;
  }
}

__attribute__((unused)) static void test_set(test_tensor *t, int64_t index, double value) {
  void *at = test_address(t, index);
  switch (t->view.dtype) {
    case DS_FLOAT32: *(float *)at = (float)value; break;
    case DS_FLOAT64: *(double *)at = value; break;
    case DS_FLOAT16: *(uint16_t *)at = test_narrow(value, 5); break;
    case DS_BFLOAT16: *(uint16_t *)at = test_narrow(value, 8); break;
    case DS_INT32: *(int32_t *)at = (int32_t)value; break;
    case DS_INT64: *(int64_t *)at = (int64_t)value; break;
    default: *(uint8_t *)at = (uint8_t)value; break;
  }
}

// Fills with center + size * uniform in [-1, 1).
__attribute__((unused)) static void test_fill(test_tensor *t, double center, double size) {
  for (int64_t i = 0; i < t->count; i++) test_set(t, i, center + size * test_random());
}

// Half a unit in the last place of the type, relative: what rounding a result costs.
__attribute__((unused)) static double test_rounding(int32_t dtype) {
  switch (dtype) {
    case DS_FLOAT64: return 0x1p-53;
    case DS_FLOAT32: return 0x1p-24;
    case DS_FLOAT16: return 0x1p-11;
    default: return 0x1p-8;
  }
}

#endif
