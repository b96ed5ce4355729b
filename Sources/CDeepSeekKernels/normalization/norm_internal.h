// The kernels of ds_normalization.h that each instruction set fills in, for float and for double. All work on contiguous
// lines of `count` elements.
#ifndef NORM_INTERNAL_H
#define NORM_INTERNAL_H

#include "../include/ds_common.h"

#define NORM_KERNELS(real)                                                                                            \
  double (*sum)(const real *x, int64_t count);                                                                       \
  /* The sum of (x - center)^2. */                                                                                    \
  double (*squares)(const real *x, real center, int64_t count);                                                      \
  void (*add)(const real *a, const real *b, real *out, int64_t count);                                               \
  /* y = (x - mean) rstd weight + bias; weight and bias may be NULL. Brings `count` elements from `next` on into the */ \
  /* cache meanwhile.                                                                                               */ \
  void (*normalize)(const real *x, real mean, real rstd, const real *weight, const real *bias, real *y,              \
                    int64_t count, const real *next);                                                                                   \
  /* y = (x - mean) scale + shift */                                                                                  \
  void (*affine)(const real *x, real mean, real scale, real shift, real *y, int64_t count);                          \
  /* totals[0] += sum of dy weight, totals[1] += sum of dy weight (x - mean); weight may be NULL. */                  \
  void (*dots)(const real *x, const real *dy, const real *weight, real mean, int64_t count, double *totals);         \
  /* dx = a dy weight + b (x - mean) + c, and where the pointers are not NULL, dweight += dy (x - mean) rstd and   */ \
  /* dbias += dy. dbias only with dweight.                                                                         */ \
  void (*gradient)(const real *x, const real *dy, const real *weight, real mean, real rstd, real a, real b, real c,  \
                   real *dx, real *dweight, real *dbias, int64_t count);

typedef struct norm_kernels_float {
  NORM_KERNELS(float)
} norm_kernels_float;
typedef struct norm_kernels_double {
  NORM_KERNELS(double)
} norm_kernels_double;

typedef struct norm_kernels {
  norm_kernels_float floats;
  norm_kernels_double doubles;
} norm_kernels;

extern const norm_kernels norm_kernels_portable;
#if defined(__x86_64__)
extern const norm_kernels norm_kernels_avx2, norm_kernels_avx512;
#elif defined(__aarch64__)
extern const norm_kernels norm_kernels_neon;
#endif

const norm_kernels *norm_current_kernels(void);

// About how many elements are worth another thread.
enum { NORM_GRAIN_ELEMENTS = 16 * 1024 };

// How many lines of `width` elements make a piece of a parallel loop.
static inline int64_t norm_grain(int64_t width) {
  return width <= 0 || width >= NORM_GRAIN_ELEMENTS ? 1 : NORM_GRAIN_ELEMENTS / width;
}

// Sums over rows are formed in pieces that depend on the sizes alone, and the pieces added in order: so the result is
// the same whatever thread did which piece.
enum { NORM_MAX_PIECES = 64, NORM_MIN_PIECE_ROWS = 16 };

static inline int64_t norm_piece_rows(int64_t rows) {
  int64_t each = (rows + NORM_MAX_PIECES - 1) / NORM_MAX_PIECES;
  return each < NORM_MIN_PIECE_ROWS ? NORM_MIN_PIECE_ROWS : each;
}

#endif
