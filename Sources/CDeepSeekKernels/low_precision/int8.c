// The product of 8-bit integers.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../include/ds_threads.h"
#include "../support/cache.h"
#include "quantized.h"

typedef struct int8_task {
  int64_t k, steps;
  const float *a;
  int64_t a_stride;
  ds_quantized_input input;
  int32_t largest;  // of A's integers
  uint8_t *bytes;  // [m, steps * 4]: A quantized, row by row
  float *scales;   // [m]
  int32_t *zeros, *terms;
  const uint32_t *words;
  const float *column_scales, *column_zeros;
  const int32_t *column_sums;
  ds_result c;
  const ds_epilogue *epilogue;
} int8_task;

static void quantize_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const int8_task *t = context;
  const piece_table *pieces = current_pieces();
  for (int64_t row = begin; row < end; row++) {
    const float *x = t->a + row * t->a_stride;
    float scale = t->input.scale, least_quotient;
    int32_t zero = t->input.zero_point;
    if (t->input.is_dynamic) {
      float lowest, highest;
      pieces->range(x, t->k, &lowest, &highest);
      scale = (highest - lowest) / (float)t->largest;
      if (scale == 0.0f) scale = 1.0f;
      least_quotient = -lowest / scale;
      least_quotient = (least_quotient + 0x1.8p23f) - 0x1.8p23f;  // ties to even
      zero = least_quotient > 0.0f ? (least_quotient < (float)t->largest ? (int32_t)least_quotient : t->largest) : 0;
    }
    uint8_t *to = t->bytes + row * t->steps * 4;
    t->scales[row] = scale;
    t->zeros[row] = zero;
    t->terms[row] = pieces->quantize(x, t->k, scale, zero, t->largest, to);
    memset(to + t->k, 0, (size_t)(t->steps * 4 - t->k));
  }
}

static void byte_strip(const dot_product *p, int64_t row, int32_t rows, uint32_t *strip, uint32_t *aside) {
  const int8_task *t = p->context;
  const uint32_t *from = (const uint32_t *)(const void *)t->bytes + row * t->steps;
  if (p->kernels->spread == 1) {
    p->kernels->pack(rows, t->steps, from, t->steps, strip, rows);
  } else {
    p->kernels->pack(rows, t->steps, from, t->steps, aside, rows);
    current_pieces()->widen_unsigned(aside, t->steps, rows, strip);
  }
}

static const uint32_t *widened(const dot_product *p, int64_t panel, int64_t step, int64_t depth, uint32_t *room) {
  const int8_task *t = p->context;
  current_pieces()->widen_signed(t->words + (panel * t->steps + step / 2) * GEMM_PANEL, depth / 2, GEMM_PANEL, room);
  return room;
}

static void finish_int8(const dot_product *p, int64_t row, int64_t rows, int64_t column, int64_t columns, void *sums) {
  const int8_task *t = p->context;
  int8_scaling s = {.row_scales = t->scales + row, .row_zeros = t->zeros + row, .row_terms = t->terms + row,
                    .column_scales = t->column_scales + column, .column_sums = t->column_sums + column,
                    .column_zeros = t->column_zeros == NULL ? NULL : t->column_zeros + column};
  if (t->c.dtype == DS_FLOAT32) {
    float *to = (float *)t->c.data + row * t->c.stride + column;
    current_pieces()->scale_sums(rows, columns, sums, &s, to, t->c.stride);
    finish_result(&t->c, t->epilogue, row, rows, column, columns);
    return;
  }
  _Alignas(64) float floats[DOT_MAX_ROWS * GEMM_PANEL];
  current_pieces()->scale_sums(rows, columns, sums, &s, floats, GEMM_PANEL);
  store_floats(&t->c, t->epilogue, row, rows, column, columns, floats);
}

static int64_t aligned(int64_t bytes) { return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE; }

ds_status ds_int8_gemm(const ds_quantized_shape *shape, ds_quantized_weight weight, int64_t m, ds_matrix a, ds_quantized_input input,
                       ds_result c, const ds_epilogue *epilogue) {
  enum { THREAD_ELEMENTS = 16384 };
  quantized_parts parts;
  if (!quantized_layout(shape, &parts) || shape->bits != 8 || parts.groups != 1) return DS_INVALID_SHAPE;
  if (shape->k > DS_INT8_MAX_DEPTH || a.transposed) return DS_INVALID_SHAPE;
  if (weight.sums == NULL || shape->has_zero_points != (weight.zero_points != NULL)) return DS_INVALID_SHAPE;
  if (a.dtype != DS_FLOAT32) return DS_UNSUPPORTED_DTYPE;
  if (input.bits != 8 && input.bits != 7) return DS_INVALID_SHAPE;
  int32_t largest = (1 << input.bits) - 1;
  if (!input.is_dynamic && (!(input.scale > 0.0f) || input.zero_point < 0 || input.zero_point > largest)) return DS_INVALID_SHAPE;
  ds_status status = check_operand(&a, m, shape->k);
  if (status == DS_OK) status = check_result(&c, epilogue, m, shape->n);
  if (status != DS_OK) return status;
  if (m == 0 || shape->n == 0) return DS_OK;

  int64_t bytes = aligned(m * parts.steps * 4), column = aligned(m * (int64_t)sizeof(float));
  uint8_t *memory = aligned_alloc(CACHE_LINE, (size_t)(bytes + 3 * column));
  if (memory == NULL) return DS_OUT_OF_MEMORY;
  int8_task t = {.k = shape->k, .steps = parts.steps, .a = a.data, .a_stride = a.stride, .input = input, .largest = largest,
                 .bytes = memory,
                 .scales = (float *)(void *)(memory + bytes), .zeros = (int32_t *)(void *)(memory + bytes + column),
                 .terms = (int32_t *)(void *)(memory + bytes + 2 * column), .words = weight.values,
                 .column_scales = weight.scales, .column_zeros = weight.zero_points, .column_sums = weight.sums, .c = c,
                 .epilogue = epilogue};
  ds_parallel_for(m, THREAD_ELEMENTS / (shape->k + 1) + 1, quantize_rows, &t);
  dot_product p = {.m = m, .n = shape->n, .left = byte_strip, .finish = finish_int8, .context = &t,
                   .kernels = dot_int8_kernels(input.bits)};
  p.steps = parts.steps * p.kernels->spread;
  p.unit = p.kernels->spread;
  if (p.kernels->spread == 1) {
    p.panels = weight.values;
  } else {
    p.right = widened;
  }
  status = dot_run(&p);
  free(memory);
  return status;
}
