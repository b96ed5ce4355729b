// The kernels of ds_loss.h that each instruction set fills in.
#ifndef LOSS_INTERNAL_H
#define LOSS_INTERNAL_H

#include "../include/ds_common.h"

// What one pass over a row of logits gives.
typedef struct loss_row {
  double maximum;
  double sum;       // of e^(x - maximum)
  double weighted;  // of weight x, or of x; only when asked for
} loss_row;

typedef struct loss_kernels {
  // `smoothed`: form `weighted` as well. `weights` may be NULL.
  loss_row (*scan)(const float *x, int64_t count, bool smoothed, const float *weights);
  // out = a e^(x - lse) - b weight, with weight one when `weights` is NULL.
  void (*gradient)(const float *x, int64_t count, float lse, float a, float b, const float *weights, float *out);
} loss_kernels;

extern const loss_kernels loss_kernels_portable;
#if defined(__x86_64__)
extern const loss_kernels loss_kernels_avx2, loss_kernels_avx512;
#elif defined(__aarch64__)
extern const loss_kernels loss_kernels_neon;
#endif

const loss_kernels *loss_current_kernels(void);

// The same in double, with the C library's exponential: float64 is for checking, not for speed.
loss_row loss_scan_double(const double *x, int64_t count, bool smoothed, const double *weights);
void loss_gradient_double(const double *x, int64_t count, double lse, double a, double b, const double *weights,
                          double *out);

#endif
