// What the low-precision products have in common. Internal.
#ifndef LOW_PRECISION_COMMON_H
#define LOW_PRECISION_COMMON_H

#include "../include/ds_low_precision.h"
#include "pieces.h"

const piece_table *current_pieces(void);

// What a product of floats reads and writes; the context of a dot_product.
typedef struct float_task {
  int64_t k;
  ds_matrix a;
  ds_result c;
  const ds_epilogue *epilogue;
  bool rounds;  // whether float32 elements of A are rounded to bfloat16
  // Of B: packed words, `kind` values each; scales and zero points by panels, [panels, groups, GEMM_PANEL], or NULL.
  const uint32_t *words;
  int64_t kind, word_steps, groups, group_steps;
  const float *scales, *zero_points;
} float_task;

// DS_OK when matrices and epilogue fit [m, k], [k, n] and [m, n].
ds_status check_operand(const ds_matrix *matrix, int64_t rows, int64_t columns);
ds_status check_result(const ds_result *c, const ds_epilogue *epilogue, int64_t m, int64_t n);

// Row `row` of A as `count` floats, zero beyond k.
void float_row(const float_task *t, int64_t row, int64_t count, float *to);
// The strip of floats that dot_product.left wants.
void float_strip(const dot_product *p, int64_t row, int32_t rows, uint32_t *strip, uint32_t *aside);
// The epilogue on a part of a float32 C that holds the sums.
void finish_result(const ds_result *c, const ds_epilogue *epilogue, int64_t row, int64_t rows, int64_t column, int64_t columns);
// Sums of floats into C, with the epilogue.
void store_floats(const ds_result *c, const ds_epilogue *epilogue, int64_t row, int64_t rows, int64_t column, int64_t columns,
                  float *sums);
void finish_floats(const dot_product *p, int64_t row, int64_t rows, int64_t column, int64_t columns, void *sums);

// A product of up to FEW_ROWS rows, which reads B once as it lies.
ds_status run_few_rows(const float_task *t, int64_t m, int64_t n, const few_rows_loop loops[FEW_ROWS + 1]);

// Packs a panel: `columns` columns, each as `steps` words at rows + column * stride.
void pack_panel(const uint32_t *rows, int64_t stride, int64_t columns, int64_t steps, uint32_t *to);

#endif
