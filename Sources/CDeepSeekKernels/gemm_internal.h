// What the parts of the matrix product share: the table of kernels that each instruction set fills in.
#ifndef GEMM_INTERNAL_H
#define GEMM_INTERNAL_H

#include "ds_common.h"
#include "ds_gemm.h"

enum {
  GEMM_PANEL = 32,    // columns of a packed panel of B, on every instruction set
  GEMM_MAX_ROWS = 14  // the tallest register tile of any instruction set
};

// C [rows, columns of the tile] = A B, or += when `accumulate`. `a` is a packed panel [depth, rows]; `b` points into
// a packed panel [depth, GEMM_PANEL].
typedef void (*gemm_tile)(int64_t depth, const float *a, const float *b, float *c, int64_t ldc, bool accumulate);

typedef struct gemm_kernels {
  int32_t rows;     // of the register tile
  int32_t columns;  // of the register tile; divides GEMM_PANEL
  int32_t lanes;    // columns of the narrow tile, for what is left at the right edge
  gemm_tile wide[GEMM_MAX_ROWS + 1], narrow[GEMM_MAX_ROWS + 1];  // by the number of rows

  // Packs alpha * A[0 ..< rows, 0 ..< depth] as [depth, rows]. May write up to GEMM_MAX_ROWS + 2 elements past the end,
  // which the next panel or the buffer's padding takes. `available`: how many elements of a stored row may be read.
  void (*pack_a)(bool transposed, int32_t rows, int64_t depth, float alpha, const float *a, int64_t lda,
                 int64_t available, float *packed);

  // Packs B[0 ..< depth, 0 ..< columns] as panels, `panel_stride` elements apart.
  void (*pack_b)(bool transposed, int64_t depth, int64_t columns, const float *b, int64_t ldb, float *packed,
                 int64_t panel_stride);

  // Applies an epilogue to C [rows, columns]; its pointers already point at this part of the matrix.
  void (*finish)(int64_t rows, int64_t columns, float *c, int64_t ldc, const ds_epilogue *epilogue);
} gemm_kernels;

extern const gemm_kernels gemm_kernels_portable;
#if defined(__x86_64__)
extern const gemm_kernels gemm_kernels_avx2, gemm_kernels_avx512;
#elif defined(__aarch64__)
extern const gemm_kernels gemm_kernels_neon;
#endif

// The kernels of the instruction set in use.
const gemm_kernels *gemm_current_kernels(void);

// How a product is cut up so that each piece stays in its cache.
typedef struct gemm_blocking {
  int64_t depth;    // of a block, in k
  int64_t rows;     // of a block of A: rows * depth fill half of the second-level cache
  int64_t columns;  // of a block of B that all blocks of A go over, kept in the last-level cache
  int64_t narrow_columns;  // of a block of B when A is one block: kept in the second-level cache beside it
} gemm_blocking;

const gemm_blocking *gemm_current_blocking(void);

#endif
