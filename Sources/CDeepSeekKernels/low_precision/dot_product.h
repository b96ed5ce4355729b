// Products that multiply words: 32 bits that hold one float32, a pair of bfloat16 or 16-bit integers, or four 8-bit integers
// that follow one another in k. One driver cuts the work up and one tile does it, whatever a word holds. Internal.
#ifndef DOT_PRODUCT_H
#define DOT_PRODUCT_H

#include "../gemm_internal.h"

enum {
  DOT_MAX_ROWS = 32,      // the tallest tile of any instruction set
  DOT_PADDING = 16        // words past the end of packed strips that packing may overwrite
};

// What a tile does: sums [rows, GEMM_PANEL] of 4 bytes each = (or, when `accumulate`, +=) a b [steps, GEMM_PANEL]. `a` is a strip
// [steps, rows], or rows `stride` words apart. Meanwhile memory from `ahead` on is prefetched, `pace` words every GEMM_STEPS
// steps.
typedef struct dot_block {
  int32_t rows;
  int64_t steps, stride;
  const uint32_t *a, *b, *ahead;
  void *sums;
  bool accumulate;
  int64_t pace;
} dot_block;

typedef void (*dot_tile)(const dot_block *block);

typedef struct dot_kernels {
  int32_t rows;                       // of the tallest tile
  int32_t spread;                     // words that the tile wants for one packed word: 2 where bytes become 16-bit integers
  bool by_rows;                       // strips are rows, not their transpose
  dot_tile tile[GEMM_MAX_ROWS + 1];   // by the number of rows; of kernels `by_rows` the first serves all
  int32_t lanes;                      // of a vector
  // `rounds` times so many products of words and sums, out of registers alone: the hardware's limit.
  void (*spin)(int64_t rounds, int32_t word);
  int32_t spin_words;
  // Transposes `rows` (no more than `lanes`) rows of words, `stride` apart: to[step * to_stride + row]. Where there are fewer
  // rows than lanes it may spill DOT_PADDING words past the end. `by_rows`: copies them, one after the other.
  void (*pack)(int32_t rows, int64_t steps, const uint32_t *from, int64_t stride, uint32_t *to, int64_t to_stride);
} dot_kernels;

extern const dot_kernels dot_float_portable, dot_int8_portable;
#if defined(__x86_64__)
extern const dot_kernels dot_float_avx2, dot_float_avx512, dot_int8_avx2, dot_int7_avx2, dot_int8_avx2vnni,
    dot_int8_avx512, dot_int7_avx512, dot_int8_avx512vnni, dot_int8_amx, dot_bf16_avx512bf16, dot_bf16_amx;
#elif defined(__aarch64__)
extern const dot_kernels dot_float_neon, dot_int8_neon;
#endif

const dot_kernels *dot_float_kernels(void);
// For a left side of so many bits, 8 or 7.
const dot_kernels *dot_int8_kernels(int32_t bits);
// NULL where the processor has no product of bfloat16 that is faster than that of float32.
const dot_kernels *dot_bf16_kernels(void);

typedef struct dot_product {
  const dot_kernels *kernels;
  int64_t m, n;
  int64_t steps;  // of the tile, over all of k
  int64_t unit;   // steps that a block of depth is a multiple of
  // A's rows row ..< row + rows as a strip; `aside` has room for two strips.
  void (*left)(const struct dot_product *p, int64_t row, int32_t rows, uint32_t *strip, uint32_t *aside);
  // Steps step ..< step + depth of a panel of B: where they lie, or in `room`. NULL `right`: B is `panels`.
  const uint32_t *(*right)(const struct dot_product *p, int64_t panel, int64_t step, int64_t depth, uint32_t *room);
  const uint32_t *panels;
  // What becomes of the sums [rows, GEMM_PANEL] of C's rows row ..< row + rows, columns column ..< column + columns.
  void (*finish)(const struct dot_product *p, int64_t row, int64_t rows, int64_t column, int64_t columns, void *sums);
  const void *context;  // of the three
} dot_product;

ds_status dot_run(const dot_product *p);

#endif
