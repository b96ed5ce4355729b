// Floats into products and out of them: rows of A in either type, sums that go to C.
#include <stdatomic.h>
#include <string.h>

#include "../ds_scratch.h"
#include "../include/ds_threads.h"
#include "../support/ds_choose.h"
#include "../support/ds_convert.h"
#include "common.h"

const piece_table *current_pieces(void) { return DS_CHOOSE(pieces); }

static bool is_float_type(int32_t dtype) { return dtype == DS_FLOAT32 || dtype == DS_BFLOAT16; }

ds_status check_operand(const ds_matrix *matrix, int64_t rows, int64_t columns) {
  if (!is_float_type(matrix->dtype)) return DS_UNSUPPORTED_DTYPE;
  if (rows < 0 || columns < 0) return DS_INVALID_SHAPE;
  int64_t length = matrix->transposed ? rows : columns, lines = matrix->transposed ? columns : rows;
  return lines > 0 && matrix->stride < length ? DS_INVALID_SHAPE : DS_OK;
}

ds_status check_result(const ds_result *c, const ds_epilogue *e, int64_t m, int64_t n) {
  if (!is_float_type(c->dtype)) return DS_UNSUPPORTED_DTYPE;
  if (m < 0 || n < 0 || (m > 0 && c->stride < n)) return DS_INVALID_SHAPE;
  if (e == NULL) return DS_OK;
  if (e->activation < DS_ACTIVATION_NONE || e->activation > DS_ACTIVATION_SIGMOID || e->preactivation != NULL) {
    return DS_INVALID_SHAPE;
  }
  return e->residual != NULL && m > 0 && e->residual_stride < n ? DS_INVALID_SHAPE : DS_OK;
}

void float_row(const float_task *t, int64_t row, int64_t count, float *to) {
  const ds_convert_kernels *convert = ds_convert_current();
  if (t->a.transposed) {
    for (int64_t k = 0; k < t->k; k++) {
      int64_t at = k * t->a.stride + row;
      if (t->a.dtype == DS_FLOAT32) {
        to[k] = ((const float *)t->a.data)[at];
      } else {
        uint32_t word = (uint32_t)((const uint16_t *)t->a.data)[at] << 16;
        memcpy(to + k, &word, sizeof word);
      }
    }
  } else if (t->a.dtype == DS_BFLOAT16) {
    convert->from_bfloat((const uint16_t *)t->a.data + row * t->a.stride, to, t->k);
  } else {
    memcpy(to, (const float *)t->a.data + row * t->a.stride, (size_t)t->k * sizeof *to);
  }
  if (t->rounds && t->a.dtype == DS_FLOAT32) {
    // In place, piece by piece.
    enum { PIECE = 256 };
    uint16_t rounded[PIECE];
    for (int64_t k = 0; k < t->k; k += PIECE) {
      int64_t length = least(PIECE, t->k - k);
      convert->to_bfloat(to + k, rounded, length);
      convert->from_bfloat(rounded, to + k, length);
    }
  }
  for (int64_t k = t->k; k < count; k++) to[k] = 0.0f;
}

// A's columns k, each `rows` long, as they are stored one after the other.
static void transposed_strip(const float_task *t, int64_t row, int32_t rows, int64_t steps, float *strip) {
  for (int64_t k = 0; k < t->k; k++, strip += rows) {
    const uint16_t *from = (const uint16_t *)t->a.data + k * t->a.stride + row;
    for (int32_t i = 0; i < rows; i++) {
      uint32_t word = (uint32_t)from[i] << 16;
      memcpy(strip + i, &word, sizeof word);
    }
  }
  for (int64_t i = 0; i < (steps - t->k) * rows; i++) strip[i] = 0.0f;
}

void float_strip(const dot_product *p, int64_t row, int32_t rows, uint32_t *strip, uint32_t *aside) {
  const float_task *t = p->context;
  if (t->a.transposed && t->a.dtype == DS_BFLOAT16) {
    transposed_strip(t, row, rows, p->steps, (float *)(void *)strip);
    return;
  }
  if (t->a.dtype == DS_FLOAT32 && !t->a.transposed && !t->rounds && t->k == p->steps) {
    p->kernels->pack(rows, p->steps, (const uint32_t *)t->a.data + row * t->a.stride, t->a.stride, strip, rows);
    return;
  }
  for (int32_t i = 0; i < rows; i++) float_row(t, row + i, p->steps, (float *)(void *)aside + i * p->steps);
  p->kernels->pack(rows, p->steps, aside, p->steps, strip, rows);
}

void finish_result(const ds_result *c, const ds_epilogue *epilogue, int64_t row, int64_t rows, int64_t column,
                   int64_t columns) {
  if (epilogue == NULL) return;
  ds_epilogue e = gemm_epilogue_at(epilogue, row, column);
  gemm_current_kernels()->finish(rows, columns, (float *)c->data + row * c->stride + column, c->stride, &e);
}

void store_floats(const ds_result *c, const ds_epilogue *epilogue, int64_t row, int64_t rows, int64_t column, int64_t columns,
                  float *sums) {
  if (c->dtype == DS_FLOAT32) {
    float *to = (float *)c->data + row * c->stride + column;
    for (int64_t i = 0; i < rows; i++) {
      memcpy(to + i * c->stride, sums + i * GEMM_PANEL, (size_t)columns * sizeof *to);
    }
    finish_result(c, epilogue, row, rows, column, columns);
    return;
  }
  if (epilogue != NULL) {
    ds_epilogue e = gemm_epilogue_at(epilogue, row, column);
    gemm_current_kernels()->finish(rows, columns, sums, GEMM_PANEL, &e);
  }
  const ds_convert_kernels *convert = ds_convert_current();
  for (int64_t i = 0; i < rows; i++) {
    convert->to_bfloat(sums + i * GEMM_PANEL, (uint16_t *)c->data + (row + i) * c->stride + column, columns);
  }
}

void finish_floats(const dot_product *p, int64_t row, int64_t rows, int64_t column, int64_t columns, void *sums) {
  const float_task *t = p->context;
  store_floats(&t->c, t->epilogue, row, rows, column, columns, sums);
}

typedef struct few_rows_task {
  const float_task *task;
  int64_t m, n;
  few_rows common;
  few_rows_loop loop;
} few_rows_task;

static void few_rows_panels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const few_rows_task *f = context;
  const float_task *t = f->task;
  _Alignas(64) float sums[FEW_ROWS * GEMM_PANEL];
  for (int64_t panel = begin; panel < end; panel++) {
    few_rows p = f->common;
    p.words = t->words + panel * t->word_steps * GEMM_PANEL;
    if (t->scales != NULL) p.scales = t->scales + panel * t->groups * GEMM_PANEL;
    if (t->zero_points != NULL) p.zero_points = t->zero_points + panel * t->groups * GEMM_PANEL;
    f->loop(&p, sums);
    int64_t column = panel * GEMM_PANEL;
    store_floats(&t->c, t->epilogue, 0, f->m, column, least(GEMM_PANEL, f->n - column), sums);
  }
}

ds_status run_few_rows(const float_task *t, int64_t m, int64_t n, const few_rows_loop loops[FEW_ROWS + 1]) {
  enum { THREAD_WORDS = 16384 };  // words of B that are worth a thread
  int64_t width = t->word_steps * t->kind;
  float *a = ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(m * (width + t->groups)) * sizeof(float));
  if (a == NULL) return DS_OUT_OF_MEMORY;
  float *totals = a + m * width;
  for (int64_t i = 0; i < m; i++) {
    float_row(t, i, width, a + i * width);
    for (int64_t group = 0; t->zero_points != NULL && group < t->groups; group++) {
      const float *from = a + i * width + group * t->group_steps * t->kind;
      float total = 0.0f;
      for (int64_t k = 0; k < t->group_steps * t->kind; k++) total += from[k];
      totals[i * t->groups + group] = total;
    }
  }
  few_rows_task f = {.task = t, .m = m, .n = n, .loop = loops[m],
                     .common = {.groups = t->groups, .steps = t->group_steps, .a = a, .a_stride = width, .totals = totals}};
  int64_t grain = THREAD_WORDS / (t->word_steps * GEMM_PANEL + 1) + 1;
  ds_parallel_for(ceiling(n, GEMM_PANEL), grain, few_rows_panels, &f);
  return DS_OK;
}

void pack_panel(const uint32_t *rows, int64_t stride, int64_t columns, int64_t steps, uint32_t *to) {
  const dot_kernels *kernels = dot_float_kernels();
  if (columns < GEMM_PANEL) memset(to, 0, (size_t)(steps * GEMM_PANEL) * sizeof *to);
  int64_t column = 0;
  for (; column + kernels->lanes <= columns; column += kernels->lanes) {
    kernels->pack(kernels->lanes, steps, rows + column * stride, stride, to + column, GEMM_PANEL);
  }
  for (; column < columns; column++) {
    for (int64_t step = 0; step < steps; step++) to[step * GEMM_PANEL + column] = rows[column * stride + step];
  }
}
