// Products of bytes and of pairs of bfloat16 by Intel's matrix unit (AMX): 2 x 2 tiles of 16 x 16 sums, so that each tile of A and
// of B serves two products. A tile of B is 16 steps of half a panel, as it lies packed.
#include <string.h>

#include "dot_product.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,amx-tile,amx-bf16,amx-int8"))), apply_to = function)

#include <immintrin.h>

enum { SIDE = 16, HALF = GEMM_PANEL / 2, B_STRIDE = GEMM_PANEL * sizeof(uint32_t), SUM_STRIDE = B_STRIDE };

// Tiles 0 to 3 hold sums, 4 and 5 A, 6 and 7 B.
typedef struct tile_shapes {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

static void configure(int32_t upper, int32_t lower, int32_t steps) {
  tile_shapes shapes = {.palette = 1};
  const int32_t heights[8] = {upper, upper, lower, lower, upper, lower, steps, steps};
  for (int i = 0; i < 8; i++) {
    bool is_left = i == 4 || i == 5;
    shapes.row_bytes[i] = (uint16_t)((is_left ? steps : SIDE) * 4);
    shapes.rows[i] = (uint8_t)heights[i];
  }
  _tile_loadconfig(&shapes);
}

// A pass over blocks of `steps` steps, for up to 16 rows when `lower` is 0, else for more. MULTIPLY is the instruction.
#define PASS(name, MULTIPLY)                                                                                   \
  static void name(const dot_block *block, int32_t upper, int32_t lower, int32_t steps, int64_t blocks,        \
                   int64_t first, bool accumulate) {                                                           \
    uint32_t *sums = block->sums;                                                                              \
    const uint32_t *a = block->a + first, *b = block->b + first * GEMM_PANEL;                                  \
    const uint32_t *a_lower = a + SIDE * block->stride;                                                        \
    int64_t stride = block->stride * (int64_t)sizeof(uint32_t);                                                \
    configure(upper, lower > 0 ? lower : 1, steps);                                                            \
    if (accumulate) {                                                                                          \
      _tile_loadd(0, sums, SUM_STRIDE);                                                                        \
      _tile_loadd(1, sums + HALF, SUM_STRIDE);                                                                 \
      if (lower > 0) {                                                                                         \
        _tile_loadd(2, sums + SIDE * GEMM_PANEL, SUM_STRIDE);                                                  \
        _tile_loadd(3, sums + SIDE * GEMM_PANEL + HALF, SUM_STRIDE);                                           \
      }                                                                                                        \
    } else {                                                                                                   \
      _tile_zero(0);                                                                                           \
      _tile_zero(1);                                                                                           \
      _tile_zero(2);                                                                                           \
      _tile_zero(3);                                                                                           \
    }                                                                                                          \
    for (int64_t i = 0; i < blocks; i++, a += steps, a_lower += steps, b += steps * GEMM_PANEL) {              \
      _tile_loadd(6, b, B_STRIDE);                                                                             \
      _tile_loadd(7, b + HALF, B_STRIDE);                                                                      \
      _tile_loadd(4, a, stride);                                                                               \
      MULTIPLY(0, 4, 6);                                                                                       \
      MULTIPLY(1, 4, 7);                                                                                       \
      if (lower > 0) {                                                                                         \
        _tile_loadd(5, a_lower, stride);                                                                       \
        MULTIPLY(2, 5, 6);                                                                                     \
        MULTIPLY(3, 5, 7);                                                                                     \
      }                                                                                                        \
    }                                                                                                          \
    _tile_stored(0, sums, SUM_STRIDE);                                                                         \
    _tile_stored(1, sums + HALF, SUM_STRIDE);                                                                  \
    if (lower > 0) {                                                                                           \
      _tile_stored(2, sums + SIDE * GEMM_PANEL, SUM_STRIDE);                                                   \
      _tile_stored(3, sums + SIDE * GEMM_PANEL + HALF, SUM_STRIDE);                                            \
    }                                                                                                          \
    _tile_release();                                                                                           \
  }                                                                                                            \
  static void name##_tile(const dot_block *block) {                                                            \
    int32_t upper = block->rows < SIDE ? block->rows : SIDE, lower = block->rows - upper;                      \
    int64_t blocks = block->steps / SIDE;                                                                      \
    int32_t rest = (int32_t)(block->steps % SIDE);                                                             \
    if (blocks > 0 || rest == 0) name(block, upper, lower, SIDE, blocks, 0, block->accumulate);                \
    if (rest > 0) name(block, upper, lower, rest, 1, blocks * SIDE, block->accumulate || blocks > 0);          \
  }                                                                                                            \
  static void name##_spin(int64_t rounds, int32_t word) {                                                      \
    int32_t sums[SIDE * SIDE];                                                                                 \
    for (int i = 0; i < SIDE * SIDE; i++) sums[i] = word;                                                      \
    configure(SIDE, SIDE, SIDE);                                                                               \
    _tile_loadd(4, sums, SIDE * 4);                                                                            \
    _tile_loadd(5, sums, SIDE * 4);                                                                            \
    _tile_loadd(6, sums, SIDE * 4);                                                                            \
    _tile_loadd(7, sums, SIDE * 4);                                                                            \
    _tile_zero(0);                                                                                             \
    _tile_zero(1);                                                                                             \
    _tile_zero(2);                                                                                             \
    _tile_zero(3);                                                                                             \
    for (int64_t round = 0; round < rounds; round++) {                                                         \
      MULTIPLY(0, 4, 6);                                                                                       \
      MULTIPLY(1, 4, 7);                                                                                       \
      MULTIPLY(2, 5, 6);                                                                                       \
      MULTIPLY(3, 5, 7);                                                                                       \
    }                                                                                                          \
    _tile_release();                                                                                           \
  }

PASS(bytes, _tile_dpbusd)
PASS(pairs, _tile_dpbf16ps)

static void copy_rows(int32_t rows, int64_t steps, const uint32_t *from, int64_t stride, uint32_t *to, int64_t to_stride) {
  (void)to_stride;
  for (int32_t i = 0; i < rows; i++) memcpy(to + i * steps, from + i * stride, (size_t)steps * sizeof *to);
}

#define KERNELS(name)                                                                                          \
  {                                                                                                            \
    .rows = DOT_MAX_ROWS, .spread = 1, .lanes = SIDE, .by_rows = true, .tile = {name##_tile},                  \
    .spin = name##_spin, .spin_words = 4 * SIDE * SIDE * SIDE, .pack = copy_rows,                              \
  }

const dot_kernels dot_int8_amx = KERNELS(bytes);
const dot_kernels dot_bf16_amx = KERNELS(pairs);

#pragma clang attribute pop
#endif
