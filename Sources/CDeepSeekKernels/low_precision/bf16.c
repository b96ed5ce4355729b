// The product of bfloat16: by the instruction for it, or in float32 after widening on the way.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../ds_scratch.h"
#include "../include/ds_threads.h"
#include "../support/ds_convert.h"
#include "common.h"

static int64_t steps_of(int64_t k) { return k / 2 + k % 2; }

int64_t ds_bf16_packed_size(int64_t n, int64_t k) {
  int64_t size = ds_gemm_packed_size(n, k < 0 ? k : steps_of(k));
  return size < 0 ? -1 : size * (int64_t)sizeof(uint32_t);
}

typedef struct packing {
  int64_t n, k;
  ds_matrix b;
  uint32_t *packed;
  atomic_int status;
} packing;

// `count` elements from `from` on as bfloat16.
static void narrow(const ds_matrix *b, int64_t from, int64_t count, uint16_t *to) {
  if (b->dtype == DS_BFLOAT16) {
    memcpy(to, (const uint16_t *)b->data + from, (size_t)count * sizeof *to);
  } else {
    ds_convert_current()->to_bfloat((const float *)b->data + from, to, count);
  }
}

static void pack_panels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  packing *p = context;
  int64_t steps = steps_of(p->k);
  // Columns stored one after the other are transposed, as words; rows are brought together by twos.
  uint16_t *rows = p->b.transposed ? ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(GEMM_PANEL * steps) * sizeof(uint32_t)) : NULL;
  if (p->b.transposed && rows == NULL) {
    atomic_store(&p->status, DS_OUT_OF_MEMORY);
    return;
  }
  for (int64_t panel = begin; panel < end; panel++) {
    int64_t column = panel * GEMM_PANEL, columns = least(GEMM_PANEL, p->n - column);
    uint32_t *to = p->packed + panel * steps * GEMM_PANEL;
    if (p->b.transposed) {
      for (int64_t i = 0; i < columns; i++) {
        narrow(&p->b, (column + i) * p->b.stride, p->k, rows + i * 2 * steps);
        if (p->k % 2 != 0) rows[i * 2 * steps + p->k] = 0;
      }
      pack_panel((const uint32_t *)(void *)rows, steps, columns, steps, to);
      continue;
    }
    for (int64_t step = 0; step < steps; step++, to += GEMM_PANEL) {
      uint16_t even[GEMM_PANEL] = {0}, odd[GEMM_PANEL] = {0};
      narrow(&p->b, 2 * step * p->b.stride + column, columns, even);
      if (2 * step + 1 < p->k) narrow(&p->b, (2 * step + 1) * p->b.stride + column, columns, odd);
      for (int i = 0; i < GEMM_PANEL; i++) to[i] = even[i] | (uint32_t)odd[i] << 16;
    }
  }
}

ds_status ds_bf16_pack(int64_t n, int64_t k, ds_matrix b, void *packed) {
  enum { THREAD_ELEMENTS = 32768 };
  ds_status status = check_operand(&b, k, n);
  if (status != DS_OK) return status;
  if (ds_bf16_packed_size(n, k) < 0) return DS_INVALID_SHAPE;
  if (n == 0 || k == 0) return DS_OK;
  packing p = {.n = n, .k = k, .b = b, .packed = packed};
  ds_parallel_for(ceiling(n, GEMM_PANEL), THREAD_ELEMENTS / (GEMM_PANEL * k) + 1, pack_panels, &p);
  return (ds_status)atomic_load(&p.status);
}

// A strip of pairs for the instruction.
static void pair_strip(const dot_product *p, int64_t row, int32_t rows, uint32_t *strip, uint32_t *aside) {
  const float_task *t = p->context;
  if (t->a.transposed && t->a.dtype == DS_BFLOAT16) {
    for (int64_t step = 0; step < p->steps; step++) {
      const uint16_t *even = (const uint16_t *)t->a.data + 2 * step * t->a.stride + row;
      bool last = 2 * step + 1 == t->k;
      const uint16_t *odd = last ? even : even + t->a.stride;
      int64_t across = p->kernels->by_rows ? p->steps : 1, along = p->kernels->by_rows ? 1 : rows;
      for (int32_t i = 0; i < rows; i++) strip[step * along + i * across] = even[i] | (last ? 0 : (uint32_t)odd[i] << 16);
    }
    return;
  }
  uint16_t *words = (uint16_t *)aside;
  for (int32_t i = 0; i < rows; i++) {
    uint16_t *to = words + i * 2 * p->steps;
    if (t->a.transposed) {
      for (int64_t k = 0; k < t->k; k++) narrow(&t->a, k * t->a.stride + row + i, 1, to + k);
    } else {
      narrow(&t->a, (row + i) * t->a.stride, t->k, to);
    }
    if (t->k % 2 != 0) to[t->k] = 0;
  }
  p->kernels->pack(rows, p->steps, aside, p->steps, strip, rows);
}

static const uint32_t *widened(const dot_product *p, int64_t panel, int64_t step, int64_t depth, uint32_t *room) {
  const float_task *t = p->context;
  current_pieces()->widen_bf16(t->words + (panel * t->word_steps + step / 2) * GEMM_PANEL, depth / 2, GEMM_PANEL,
                               (float *)(void *)room);
  return room;
}

ds_status ds_bf16_gemm_packed(int64_t m, int64_t n, int64_t k, ds_matrix a, const void *packed, ds_result c,
                              const ds_epilogue *epilogue) {
  ds_status status = check_operand(&a, m, k);
  if (status == DS_OK) status = check_result(&c, epilogue, m, n);
  if (status != DS_OK) return status;
  if (ds_bf16_packed_size(n, k) < 0) return DS_INVALID_SHAPE;
  if (m == 0 || n == 0) return DS_OK;
  int64_t steps = steps_of(k);
  float_task t = {.k = k, .a = a, .c = c, .epilogue = epilogue, .rounds = true, .words = packed, .kind = 2,
                  .word_steps = steps, .groups = 1, .group_steps = steps};
  if (m <= FEW_ROWS) return run_few_rows(&t, m, n, current_pieces()->rows_bf16);
  dot_product p = {.m = m, .n = n, .finish = finish_floats, .context = &t};
  p.kernels = dot_bf16_kernels();
  if (p.kernels != NULL) {
    p.steps = steps;
    p.unit = 1;
    p.left = pair_strip;
    p.panels = packed;
  } else {
    p.kernels = dot_float_kernels();
    p.steps = 2 * steps;
    p.unit = 2;
    p.left = float_strip;
    p.right = widened;
  }
  return dot_run(&p);
}

ds_status ds_bf16_gemm(int64_t m, int64_t n, int64_t k, ds_matrix a, ds_matrix b, ds_result c, const ds_epilogue *epilogue) {
  enum { ALIGNMENT = 64 };
  int64_t size = ds_bf16_packed_size(n, k);
  if (size < 0) return DS_INVALID_SHAPE;
  void *packed = aligned_alloc(ALIGNMENT, (size_t)(size + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
  if (packed == NULL) return DS_OUT_OF_MEMORY;
  ds_status status = ds_bf16_pack(n, k, b, packed);
  if (status == DS_OK) status = ds_bf16_gemm_packed(m, n, k, a, packed, c, epilogue);
  free(packed);
  return status;
}
