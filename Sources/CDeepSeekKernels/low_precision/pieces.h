// The loops of the low-precision products beside their tiles, by instruction set. Internal.
#ifndef LOW_PRECISION_PIECES_H
#define LOW_PRECISION_PIECES_H

#include "dot_product.h"

// The few rows of A for which B is read once as it lies packed, bound by memory.
enum { FEW_ROWS = 4 };

// One panel's part of a product with few rows: sums [rows, GEMM_PANEL] = a [rows, k] panel, where `steps` words make up
// a group with one scale [groups, GEMM_PANEL] (NULL: 1). Zero points (NULL: none) in the scales' shape are taken off by `totals`
// [rows, groups], the sums of A over each group. `a_stride`: from row to row of A, which is filled with zeros to whole words.
typedef struct few_rows {
  const uint32_t *words;
  int64_t groups, steps;
  const float *scales, *zero_points;
  const float *a, *totals;
  int64_t a_stride;
} few_rows;

typedef void (*few_rows_loop)(const few_rows *p, float *sums);

// How 8-bit sums [rows, GEMM_PANEL] become floats: ((sum - zero * column sum) - weight zero * row term) * (scale * weight scale).
typedef struct int8_scaling {
  const float *row_scales;
  const int32_t *row_zeros, *row_terms;                  // a row's zero point; Σ (q - zero)
  const float *column_scales;
  const int32_t *column_sums;
  const float *column_zeros;                             // or NULL
} int8_scaling;

typedef struct piece_table {
  // Words into rows of a panel: two of float32, [2 * steps, width].
  void (*widen_bf16)(const uint32_t *words, int64_t count, int64_t width, float *to);
  // Words of bytes into two rows of pairs of 16-bit integers, unsigned and signed.
  void (*widen_unsigned)(const uint32_t *words, int64_t steps, int64_t width, uint32_t *to);
  void (*widen_signed)(const uint32_t *words, int64_t steps, int64_t width, uint32_t *to);
  // Words of a panel into rows of float32, scaled: `group_steps` words share a row of scales and of zero points (or NULL).
  void (*scale_8)(const uint32_t *words, int64_t first, int64_t steps, int64_t group_steps, const float *scales,
                  const float *zero_points, float *to);
  void (*scale_4)(const uint32_t *words, int64_t first, int64_t steps, int64_t group_steps, const float *scales,
                  const float *zero_points, float *to);
  few_rows_loop rows_bf16[FEW_ROWS + 1], rows_8[FEW_ROWS + 1], rows_4[FEW_ROWS + 1];  // by the number of rows
  // The smallest and the largest of a row and zero; both NaN when an element is.
  void (*range)(const float *x, int64_t count, float *lowest, float *highest);
  // Quantizes a row to 0 ... largest, and returns the sum of its (q - zero).
  int32_t (*quantize)(const float *x, int64_t count, float scale, int32_t zero, int32_t largest, uint8_t *to);
  void (*scale_sums)(int64_t rows, int64_t columns, const int32_t *sums, const int8_scaling *s, float *to, int64_t stride);
} piece_table;

extern const piece_table pieces_portable;
#if defined(__x86_64__)
extern const piece_table pieces_avx2, pieces_avx512;
#elif defined(__aarch64__)
extern const piece_table pieces_neon;
#endif

#endif
