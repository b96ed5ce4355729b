// The step that products and attention are made of: packed strips of A times one packed panel of B.
#include "gemm_internal.h"

// One tile that is narrower than the kernel: computed aside, so that nothing beyond C's edge is touched.
static void edge_tile(gemm_tile tile, int64_t depth, const float *a, const float *b, float *c, int64_t ldc,
                      int64_t rows, int64_t columns, bool accumulate, const float *ahead, int64_t pace) {
  _Alignas(64) float aside[GEMM_MAX_ROWS * GEMM_PANEL];
  tile(depth, a, b, aside, GEMM_PANEL, false, ahead, pace);
  for (int64_t i = 0; i < rows; i++) {
    const float *from = aside + i * GEMM_PANEL;
    float *to = c + i * ldc;
    for (int64_t j = 0; j < columns; j++) to[j] = accumulate ? to[j] + from[j] : from[j];
  }
}

void gemm_panel(const gemm_kernels *kernels, int64_t height, int64_t columns, int64_t depth, const float *strips,
                const float *panel, float *c, int64_t ldc, bool accumulate, const float *next,
                const ds_epilogue *epilogue) {
  int64_t count = ceiling(height, kernels->rows);
  int64_t tiles = count * ceiling(columns, kernels->columns);
  int64_t pace = ceiling(GEMM_STEPS * GEMM_PANEL, tiles);
  const float *ahead = next == NULL ? panel : next;
  for (int64_t offset = 0; offset < columns; offset += kernels->columns) {
    int64_t width = least(kernels->columns, columns - offset);
    bool narrow = width <= kernels->lanes;
    bool edge = width < (narrow ? kernels->lanes : kernels->columns);
    for (int64_t strip = 0; strip < count; strip++) {
      int64_t begin = border(height, count, strip), rows = border(height, count, strip + 1) - begin;
      gemm_tile tile = narrow ? kernels->narrow[rows] : kernels->wide[rows];
      const float *a = strips + begin * depth;
      float *to = c + begin * ldc + offset;
      if (edge) {
        edge_tile(tile, depth, a, panel + offset, to, ldc, rows, width, accumulate, ahead, pace);
      } else {
        tile(depth, a, panel + offset, to, ldc, accumulate, ahead, pace);
      }
      if (epilogue != NULL) {
        ds_epilogue e = gemm_epilogue_at(epilogue, begin, offset);
        kernels->finish(rows, width, to, ldc, &e);
      }
      ahead += depth / GEMM_STEPS * pace;
    }
  }
}
