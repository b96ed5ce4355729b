// How a product's C is shared among threads: a grid of cells, more of them than threads, which take one after the other. So a
// thread whose core is slower, or is taken away for a while, holds up nobody. Internal.
#ifndef GEMM_GRID_H
#define GEMM_GRID_H

#include "gemm_internal.h"

// The multiplications that are worth a thread: about two microseconds' worth with AVX-512.
enum { GEMM_THREAD_COST = 100000 };

// What there is to share: C [rows, columns], each element the sum of `depth` products.
typedef struct gemm_work {
  int64_t rows, columns, depth;
  double a_cost, b_cost;  // the multiplications that it takes as long to make ready one element of A, of B
  int64_t block_rows;     // rows that pass over B together; 0 when a cell makes B ready for all of its rows
} gemm_work;

typedef struct gemm_grid {
  int64_t rows, columns;
} gemm_grid;

// One part of C, of whole panels.
typedef struct gemm_cell {
  int64_t row, row_end, column, column_end;
} gemm_cell;

gemm_grid gemm_choose_grid(const gemm_work *work, int64_t threads);

gemm_cell gemm_grid_cell(const gemm_work *work, gemm_grid grid, int64_t index);

#endif
