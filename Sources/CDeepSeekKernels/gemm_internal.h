// What the parts of the matrix product share: the table of kernels that each instruction set fills in.
#ifndef GEMM_INTERNAL_H
#define GEMM_INTERNAL_H

#include "ds_common.h"
#include "ds_gemm.h"

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int64_t ceiling(int64_t a, int64_t b) { return a / b + (a % b != 0); }

// The first index of part `part` when `count` indices are cut into `parts`, the longer ones first.
static inline int64_t border(int64_t count, int64_t parts, int64_t part) {
  return part * (count / parts) + least(part, count % parts);
}

enum {
  GEMM_PANEL = 32,    // columns of a packed panel of B, on every instruction set
  GEMM_MAX_ROWS = 14,  // the tallest register tile of any instruction set
  GEMM_STEPS = 4,       // of depth that a tile goes between two prefetches
  GEMM_FEW_ROWS = 3,    // rows that read a packed B once as it lies
  GEMM_STRIP_PADDING = 32  // elements past the end of packed strips that packing may overwrite
};

// C [rows, columns of the tile] = A B, or += when `accumulate`. `a` is a packed panel [depth, rows]; `b` points into
// a packed panel [depth, GEMM_PANEL]. Meanwhile memory from `ahead` on is brought into the second-level cache, `pace`
// elements every GEMM_STEPS steps of depth.
typedef void (*gemm_tile)(int64_t depth, const float *a, const float *b, float *c, int64_t ldc, bool accumulate,
                          const float *ahead, int64_t pace);

// C [rows, columns of the tile] = A B, or += when `accumulate`, for a B whose row k begins at b + offsets[k], wherever that
// is: what a convolution sees of its input needs no packing.
typedef void (*gemm_spread_tile)(int64_t depth, const float *a, const float *b, const int64_t *offsets, float *c,
                                 int64_t ldc, bool accumulate);

typedef struct gemm_kernels {
  int32_t rows;     // of the register tile
  int32_t columns;  // of the register tile; divides GEMM_PANEL
  int32_t lanes;    // columns of the narrow tile, for what is left at the right edge
  gemm_tile wide[GEMM_MAX_ROWS + 1], narrow[GEMM_MAX_ROWS + 1];  // by the number of rows
  gemm_spread_tile spread[GEMM_MAX_ROWS + 1];

  // Packs alpha * A [height, depth] as strips no taller than the register tile, one after the other, each [depth, its
  // rows]: as even in height as can be, since a tile of one or two rows cannot keep the multipliers busy. `packed` has
  // room for height * depth + GEMM_STRIP_PADDING elements. `transposed`: A is stored as [depth, available], of which
  // the first `height` columns count.
  void (*pack_a)(bool transposed, int64_t height, int64_t depth, float alpha, const float *a, int64_t lda,
                 int64_t available, float *packed);

  // Packs B[0 ..< depth, 0 ..< columns] as panels, `panel_stride` elements apart.
  void (*pack_b)(bool transposed, int64_t depth, int64_t columns, const float *b, int64_t ldb, float *packed,
                 int64_t panel_stride);

  // sums [rows, columns] += A B, for one packed strip of A and a B that is read where it lies, [depth, columns]: where A
  // has few rows, packing B would take longer than the product. `stride`, from row to row of the sums, leaves room
  // for `columns` rounded up to whole vectors.
  void (*stream)(int32_t rows, int64_t columns, int64_t depth, const float *a, const float *b, int64_t ldb, float *sums,
                 int64_t stride);

  // sums [rows, GEMM_PANEL] = A B for one packed strip of 1 to GEMM_FEW_ROWS rows and a packed panel: where memory is the
  // limit, the panel is read once, in the order in which it lies. Each sum is taken in the same order as in a tile.
  void (*few[GEMM_FEW_ROWS + 1])(int64_t depth, const float *a, const float *panel, float *sums);

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

// C [height, columns] = A B, or += when `accumulate`, for strips of A and one packed panel of B (columns <= GEMM_PANEL).
// `next`, unless it is NULL, is the panel that comes after: its first `depth` rows are prefetched bit by bit, since no
// hardware guesses where the next panel lies, and the first strip would otherwise wait for it out of the last-level cache.
// `epilogue`, unless it is NULL, describes what follows the product; its pointers point at this part of C. It is done tile by
// tile, while the tile is in the first-level cache: rows of C far apart push each other out of it.
void gemm_panel(const gemm_kernels *kernels, int64_t height, int64_t columns, int64_t depth, const float *strips,
                const float *panel, float *c, int64_t ldc, bool accumulate, const float *next, const ds_epilogue *epilogue);

// An epilogue for the part of C that begins at (row, column).
static inline ds_epilogue gemm_epilogue_at(const ds_epilogue *whole, int64_t row, int64_t column) {
  ds_epilogue e = *whole;
  if (e.bias != NULL) e.bias += column;
  if (e.preactivation != NULL) e.preactivation += row * e.preactivation_stride + column;
  if (e.residual != NULL) e.residual += row * e.residual_stride + column;
  return e;
}

// How a product is cut up so that each piece stays in its cache.
typedef struct gemm_blocking {
  int64_t depth;    // of a block, in k
  int64_t rows;     // of a block of A: rows * depth fill half of the second-level cache
  int64_t columns;  // of a block of B that all blocks of A go over, kept in the last-level cache
  int64_t narrow_columns;  // of a block of B when A is one block: kept in the second-level cache beside it
} gemm_blocking;

const gemm_blocking *gemm_current_blocking(void);

#endif
