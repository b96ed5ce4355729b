// The loops of ds_optimizer.h that each instruction set fills in, for float and for double.
#ifndef OPTIMIZER_INTERNAL_H
#define OPTIMIZER_INTERNAL_H

#include "../include/ds_optimizer.h"

// The buffers of a step, and the numbers that it finds on the way.
typedef struct optimizer_buffers {
  void *parameter;
  const void *gradient;
  void *states[3];
  const void *options;
  double rate;   // LAMB, LARS: the learning rate times the trust ratio
} optimizer_buffers;

typedef void (*optimizer_range)(const optimizer_buffers *buffers, int64_t begin, int64_t end);

// The same, and up to two sums over the range.
typedef void (*optimizer_sums)(const optimizer_buffers *buffers, int64_t begin, int64_t end, double sums[2]);

typedef struct optimizer_loops {
  optimizer_range sgd, adam, rmsprop, adagrad, lion;
  optimizer_sums lamb_moments;  // updates the moments; |parameter|^2 and |direction|^2
  optimizer_range lamb_apply;
  optimizer_sums lars_norms;    // |parameter|^2 and |gradient|^2
  optimizer_range lars_apply;
  optimizer_sums squares;       // of `gradient`; and a sum that is NaN unless all elements are finite
  // Adafactor, on a row of a matrix, or on a stretch of an unfactored parameter.
  double (*factor_row)(int64_t count, const void *gradient, double scale, double epsilon, double *columns);
  double (*factored_squares)(int64_t count, const void *gradient, double scale, double row, const void *columns);
  void (*factored_apply)(int64_t count, void *parameter, const void *gradient, double scale, double row,
                         const void *columns, double decay, double beta1, void *momentum);
  double (*plain_squares)(int64_t count, const void *gradient, double scale, double epsilon, double beta2, void *state);
  void (*plain_apply)(int64_t count, void *parameter, const void *gradient, double scale, const void *state,
                      double decay, double beta1, void *momentum);
} optimizer_loops;

typedef struct optimizer_kernels {
  optimizer_loops floats, doubles;
} optimizer_kernels;

extern const optimizer_kernels optimizer_kernels_portable;
#if defined(__x86_64__)
extern const optimizer_kernels optimizer_kernels_avx2, optimizer_kernels_avx512;
#elif defined(__aarch64__)
extern const optimizer_kernels optimizer_kernels_neon;
#endif

const optimizer_kernels *optimizer_current_kernels(void);

// The loops for `dtype`, or NULL when there are none.
const optimizer_loops *optimizer_loops_for(ds_dtype dtype);

// A piece worth another thread: some 30 microseconds at a core's share of memory bandwidth.
enum { OPTIMIZER_GRAIN = 32 * 1024 };

// Runs a loop over 0 ..< count on all threads.
void optimizer_run(optimizer_range range, const optimizer_buffers *buffers, int64_t count);

// The same with sums, formed in pieces that depend on the count alone and added in order.
void optimizer_run_sums(optimizer_sums range, const optimizer_buffers *buffers, int64_t count, double sums[2]);

#endif
