// How a product's C is shared among threads.
#include "gemm_grid.h"

// Cells for each thread, so that none waits long for the last one; and the columns that a cell should keep, since each cell
// packs its rows of A.
enum { CELLS_PER_THREAD = 4, LEAST_COLUMNS = 1024 };

// Each row of the grid packs all of B, each column all of A: pick the split whose parts take the least time.
static gemm_grid coarsest(const gemm_work *work, int64_t threads) {
  int64_t panels = ceiling(work->columns, GEMM_PANEL);
  double total = ((double)work->rows * (double)(panels * GEMM_PANEL) + (double)(panels * GEMM_PANEL) * work->b_cost) *
                 (double)work->depth;
  if (total < (double)threads * GEMM_THREAD_COST) threads = (int64_t)(total / GEMM_THREAD_COST);
  gemm_grid best = {1, 1};
  double least_cost = 0;
  for (int64_t rows = 1; rows <= (threads < 1 ? 1 : threads) && rows <= work->rows; rows++) {
    int64_t columns = least(threads < 1 ? 1 : threads / rows, panels);
    double height = (double)ceiling(work->rows, rows), width = (double)(ceiling(panels, columns) * GEMM_PANEL);
    double cost = height * width + height * work->a_cost + width * work->b_cost;
    if (rows == 1 || cost < least_cost) {
      best = (gemm_grid){rows, columns};
      least_cost = cost;
    }
  }
  return best;
}

gemm_grid gemm_choose_grid(const gemm_work *work, int64_t threads) {
  gemm_grid grid = coarsest(work, threads);
  if (grid.rows * grid.columns == 1) return grid;
  if (work->block_rows > 0) grid.rows *= ceiling(ceiling(work->rows, grid.rows), work->block_rows);
  int64_t wanted = ceiling(CELLS_PER_THREAD * threads, grid.rows * grid.columns);
  int64_t finer = work->columns / grid.columns / LEAST_COLUMNS;
  if (finer > 1 && wanted > 1) grid.columns *= least(finer, wanted);
  return grid;
}

gemm_cell gemm_grid_cell(const gemm_work *work, gemm_grid grid, int64_t index) {
  int64_t i = index / grid.columns, j = index % grid.columns, panels = ceiling(work->columns, GEMM_PANEL);
  return (gemm_cell){.row = border(work->rows, grid.rows, i),
                     .row_end = border(work->rows, grid.rows, i + 1),
                     .column = border(panels, grid.columns, j) * GEMM_PANEL,
                     .column_end = least(work->columns, border(panels, grid.columns, j + 1) * GEMM_PANEL)};
}
