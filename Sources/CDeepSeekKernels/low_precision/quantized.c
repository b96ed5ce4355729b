// Weights in 8 and 4 bits: their packed form, and products that turn them into float32 on the way.
#include "quantized.h"

#include <stdatomic.h>
#include <string.h>

#include "../ds_scratch.h"
#include "../include/ds_threads.h"

// All parts begin on a multiple of 64 bytes, as a panel row is 128 long.
bool quantized_layout(const ds_quantized_shape *s, quantized_parts *parts) {
  if (s->bits != 8 && s->bits != 4) return false;
  int64_t panel_words, bytes;
  if (s->n < 0 || s->k < 0 || (s->bits == 4 && s->k % 2 != 0)) return false;
  if (s->group_size < 0 || (s->group_size > 0 && (s->group_size % 32 != 0 || s->k % s->group_size != 0))) return false;
  parts->kind = 32 / s->bits;
  parts->steps = ceiling(s->k, parts->kind);
  parts->groups = s->group_size == 0 || s->k == 0 ? 1 : s->k / s->group_size;
  parts->group_steps = parts->steps / parts->groups;
  parts->panels = ceiling(s->n, GEMM_PANEL);
  // Values, scales, zero points and sums of a panel.
  panel_words = GEMM_PANEL;
  if (__builtin_mul_overflow(panel_words, parts->steps + 2 * parts->groups + 1, &panel_words)) return false;
  if (__builtin_mul_overflow(panel_words, (int64_t)sizeof(uint32_t), &bytes)) return false;
  if (__builtin_mul_overflow(bytes, parts->panels, &bytes)) return false;
  int64_t scales = parts->panels * parts->steps * GEMM_PANEL;
  int64_t zeros = scales + parts->panels * parts->groups * GEMM_PANEL;
  int64_t sums = zeros + (s->has_zero_points ? parts->panels * parts->groups * GEMM_PANEL : 0);
  parts->scales = scales;
  parts->zero_points = s->has_zero_points ? zeros : -1;
  parts->sums = s->bits == 8 ? sums : -1;
  parts->size = (sums + (s->bits == 8 ? parts->panels * GEMM_PANEL : 0)) * (int64_t)sizeof(uint32_t);
  return true;
}

int64_t ds_quantized_packed_size(const ds_quantized_shape *shape) {
  quantized_parts parts;
  return quantized_layout(shape, &parts) ? parts.size : -1;
}

ds_quantized_weight ds_quantized_parts(const ds_quantized_shape *shape, const void *packed) {
  quantized_parts parts;
  if (!quantized_layout(shape, &parts)) return (ds_quantized_weight){0};
  const uint32_t *words = packed;
  ds_quantized_weight weight = {.values = words, .scales = (const float *)(const void *)(words + parts.scales)};
  if (parts.zero_points >= 0) weight.zero_points = (const float *)(const void *)(words + parts.zero_points);
  if (parts.sums >= 0) weight.sums = (const int32_t *)(const void *)(words + parts.sums);
  return weight;
}

typedef struct packing {
  const ds_quantized_shape *shape;
  quantized_parts parts;
  const uint8_t *values;
  const float *scales;
  const void *zero_points;
  uint32_t *packed;
  atomic_int status;
} packing;

// One output's words, filled up with zeros, and the sum of its 8-bit values. 4-bit values lose the 8 that they count from, and
// become two's complement.
static int32_t row_words(const packing *p, int64_t row, uint32_t *words) {
  int64_t length = p->shape->k * p->shape->bits / 8;
  const uint8_t *from = p->values + row * length;
  uint8_t *to = (uint8_t *)words;
  int32_t sum = 0;
  memset(words, 0, (size_t)p->parts.steps * sizeof *words);
  for (int64_t i = 0; i < length; i++) {
    to[i] = p->shape->bits == 4 ? from[i] ^ 0x88 : from[i];
    sum += (int8_t)from[i];
  }
  return sum;
}

static void pack_parameters(const packing *p, int64_t panel, int64_t columns) {
  int64_t groups = p->parts.groups, first = panel * groups * GEMM_PANEL;
  float *scales = (float *)(void *)(p->packed + p->parts.scales) + first;
  float *zeros = p->zero_points == NULL ? NULL : (float *)(void *)(p->packed + p->parts.zero_points) + first;
  for (int64_t group = 0; group < groups; group++) {
    for (int64_t i = 0; i < GEMM_PANEL; i++) {
      int64_t at = (panel * GEMM_PANEL + i) * groups + group;
      scales[group * GEMM_PANEL + i] = i < columns ? p->scales[at] : 0.0f;
      if (zeros == NULL) continue;
      int32_t zero = 0;
      if (i < columns) {
        zero = p->shape->bits == 8 ? ((const int8_t *)p->zero_points)[at] : ((const uint8_t *)p->zero_points)[at] - 8;
      }
      zeros[group * GEMM_PANEL + i] = (float)zero;
    }
  }
}

static void pack_panels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  packing *p = context;
  int64_t steps = p->parts.steps;
  uint32_t *rows = ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(GEMM_PANEL * steps + 1) * sizeof *rows);
  if (rows == NULL) {
    atomic_store(&p->status, DS_OUT_OF_MEMORY);
    return;
  }
  for (int64_t panel = begin; panel < end; panel++) {
    int64_t columns = least(GEMM_PANEL, p->shape->n - panel * GEMM_PANEL);
    int32_t sums[GEMM_PANEL] = {0};
    for (int64_t i = 0; i < columns; i++) sums[i] = row_words(p, panel * GEMM_PANEL + i, rows + i * steps);
    pack_panel(rows, steps, columns, steps, p->packed + panel * steps * GEMM_PANEL);
    if (p->parts.sums >= 0) memcpy(p->packed + p->parts.sums + panel * GEMM_PANEL, sums, sizeof sums);
    pack_parameters(p, panel, p->shape->k == 0 ? 0 : columns);  // groups of nothing have no scales to read
  }
}

ds_status ds_quantized_pack(const ds_quantized_shape *shape, const void *values, const float *scales, const void *zero_points,
                            void *packed) {
  enum { THREAD_BYTES = 65536 };
  packing p = {.shape = shape, .values = values, .scales = scales, .zero_points = zero_points, .packed = packed};
  if (!quantized_layout(shape, &p.parts) || shape->has_zero_points != (zero_points != NULL)) return DS_INVALID_SHAPE;
  ds_parallel_for(p.parts.panels, THREAD_BYTES / (p.parts.steps * GEMM_PANEL * 4 + 1) + 1, pack_panels, &p);
  return (ds_status)atomic_load(&p.status);
}

static const uint32_t *scaled(const dot_product *p, int64_t panel, int64_t step, int64_t depth, uint32_t *room) {
  const float_task *t = p->context;
  const piece_table *pieces = current_pieces();
  int64_t first = step / t->kind, parameters = panel * t->groups * GEMM_PANEL;
  (t->kind == 4 ? pieces->scale_8 : pieces->scale_4)(
      t->words + (panel * t->word_steps + first) * GEMM_PANEL, first, depth / t->kind, t->group_steps, t->scales + parameters,
      t->zero_points == NULL ? NULL : t->zero_points + parameters, (float *)(void *)room);
  return room;
}

ds_status ds_quantized_gemm(const ds_quantized_shape *shape, ds_quantized_weight weight, int64_t m, ds_matrix a, ds_result c,
                            const ds_epilogue *epilogue) {
  quantized_parts parts;
  if (!quantized_layout(shape, &parts) || shape->has_zero_points != (weight.zero_points != NULL)) return DS_INVALID_SHAPE;
  ds_status status = check_operand(&a, m, shape->k);
  if (status == DS_OK) status = check_result(&c, epilogue, m, shape->n);
  if (status != DS_OK) return status;
  if (m == 0 || shape->n == 0) return DS_OK;
  float_task t = {.k = shape->k, .a = a, .c = c, .epilogue = epilogue, .words = weight.values, .kind = parts.kind,
                  .word_steps = parts.steps, .groups = parts.groups, .group_steps = parts.group_steps,
                  .scales = weight.scales, .zero_points = weight.zero_points};
  const piece_table *pieces = current_pieces();
  if (m <= FEW_ROWS) return run_few_rows(&t, m, shape->n, shape->bits == 8 ? pieces->rows_8 : pieces->rows_4);
  dot_product p = {.m = m, .n = shape->n, .steps = parts.steps * parts.kind, .unit = parts.kind, .left = float_strip,
                   .right = scaled, .finish = finish_floats, .context = &t, .kernels = dot_float_kernels()};
  return dot_run(&p);
}
