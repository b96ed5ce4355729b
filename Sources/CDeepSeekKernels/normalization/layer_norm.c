// Layer and RMS normalization: both are one walk over rows, RMS with a mean of zero.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../include/ds_normalization.h"
#include "../include/ds_threads.h"
#include "../support/ds_lines.h"
#include "norm_checks.h"
#include "norm_internal.h"

// What each worker has to stage a row in: two inputs, a sum or a second output, and an output.
enum { STAGES = 4 };

typedef struct row_call {
  const norm_kernels *kernels;
  bool centered;  // layer norm; else RMS norm
  double epsilon;
  int64_t rows, width, piece_rows;
  ds_lines x, residual, sum, y;  // `y` is dx in the backward pass, `residual` dy
  ds_lines mean, rstd;
  bool has_residual, has_mean, has_rstd, has_output;
  const void *weight, *bias;     // contiguous, of the computing type, or NULL
  void *dweight, *dbias;         // partial sums, `width` elements a piece, or NULL
  char *stages;                  // STAGES rows for each worker, or NULL when rows are used where they lie
  size_t row_bytes;
} row_call;

static void *stage(const row_call *call, int32_t worker, int slot) {
  return call->stages == NULL ? NULL : call->stages + (size_t)(worker * STAGES + slot) * call->row_bytes;
}

#define REAL float
#define NAME(stem) stem##_float
#define KERNELS floats
#include "layer_norm.inc"
#undef REAL
#undef NAME
#undef KERNELS

#define REAL double
#define NAME(stem) stem##_double
#define KERNELS doubles
#include "layer_norm.inc"

// Fills in what both directions share, from a checked x.
static ds_status prepare(row_call *call, const ds_view *x) {
  if (ds_element_count(x) < 0 || x->rank < 1) return DS_INVALID_SHAPE;
  if (!ds_is_floating(x->dtype)) return DS_UNSUPPORTED_DTYPE;
  call->kernels = norm_current_kernels();
  call->x = ds_last_axis_lines(x);
  call->rows = call->x.count;
  call->width = call->x.width;
  size_t bytes = ds_element_bytes(ds_computing_type(x->dtype));
  if ((uint64_t)call->width > (SIZE_MAX >> 24) / bytes) return DS_OUT_OF_MEMORY;
  // Rows start on cache lines of their own, so that workers don't share any.
  call->row_bytes = ((size_t)call->width * bytes + 63) / 64 * 64;
  call->piece_rows = norm_piece_rows(call->rows);
  return DS_OK;
}

// A parameter as contiguous numbers of the computing type: where it lies, or in `buffer`.
static const void *parameter(const ds_view *view, void *buffer) {
  if (view == NULL) return NULL;
  ds_lines line = ds_last_axis_lines(view);
  return ds_line_in(&line, 0, buffer);
}

static ds_status forward(row_call *call, const ds_view *x, const ds_view *residual, const ds_view *weight,
                         const ds_view *bias, const ds_view *sum, const ds_view *y, const ds_view *mean,
                         const ds_view *rstd) {
  NORM_TRY(prepare(call, x));
  if ((residual == NULL) != (sum == NULL)) return DS_INVALID_SHAPE;
  NORM_TRY(norm_check_like(residual, x));
  NORM_TRY(norm_check_like(sum, x));
  NORM_TRY(norm_check_like(y, x));
  NORM_TRY(norm_check_parameter(weight, call->width, x->dtype));
  NORM_TRY(norm_check_parameter(bias, call->width, x->dtype));
  NORM_TRY(norm_check_statistic(mean, call->rows, x->dtype));
  NORM_TRY(norm_check_statistic(rstd, call->rows, x->dtype));
  if (call->rows == 0 || call->width == 0) return DS_OK;
  call->y = ds_last_axis_lines(y);
  call->has_residual = residual != NULL;
  call->has_mean = mean != NULL;
  call->has_rstd = rstd != NULL;
  bool staged = ds_lines_staged(&call->x) || ds_lines_staged(&call->y);
  if (residual != NULL) {
    call->residual = ds_last_axis_lines(residual);
    call->sum = ds_last_axis_lines(sum);
    staged |= ds_lines_staged(&call->residual) || ds_lines_staged(&call->sum);
  }
  if (mean != NULL) call->mean = ds_single_elements(mean);
  if (rstd != NULL) call->rstd = ds_single_elements(rstd);
  size_t stages = staged ? (size_t)(ds_thread_count() * STAGES) : 0;
  char *memory = aligned_alloc(64, (stages + 2) * call->row_bytes);
  if (memory == NULL) return DS_OUT_OF_MEMORY;
  call->weight = parameter(weight, memory);
  call->bias = parameter(bias, memory + call->row_bytes);
  if (staged) call->stages = memory + 2 * call->row_bytes;
  bool wide = x->dtype == DS_FLOAT64;
  ds_parallel_dynamic(call->rows, norm_grain(call->width), wide ? forward_rows_double : forward_rows_float, call);
  free(memory);
  return DS_OK;
}

static ds_status backward(row_call *call, const ds_view *x, const ds_view *mean, const ds_view *rstd,
                          const ds_view *weight, const ds_view *dy, const ds_view *dx, const ds_view *dweight,
                          const ds_view *dbias) {
  NORM_TRY(prepare(call, x));
  NORM_TRY(norm_check_like(dy, x));
  NORM_TRY(norm_check_like(dx, x));
  NORM_TRY(norm_check_parameter(weight, call->width, x->dtype));
  NORM_TRY(norm_check_parameter(dweight, call->width, x->dtype));
  NORM_TRY(norm_check_parameter(dbias, call->width, x->dtype));
  NORM_TRY(norm_check_statistic(mean, call->rows, x->dtype));
  NORM_TRY(norm_check_statistic(rstd, call->rows, x->dtype));
  if (call->width == 0) return DS_OK;
  call->residual = ds_last_axis_lines(dy);
  call->has_output = dx != NULL;
  if (dx != NULL) call->y = ds_last_axis_lines(dx);
  call->has_mean = mean != NULL;
  if (mean != NULL) call->mean = ds_single_elements(mean);
  call->rstd = ds_single_elements(rstd);
  int64_t pieces = (call->rows + call->piece_rows - 1) / call->piece_rows;
  // The kernel forms both parameters' gradients or neither.
  bool parameters = dweight != NULL || dbias != NULL;
  size_t stages = (size_t)(ds_thread_count() * STAGES), partials = parameters ? 2 * (size_t)(pieces + 1) : 0;
  char *memory = aligned_alloc(64, (1 + stages + partials) * call->row_bytes);
  if (memory == NULL) return DS_OUT_OF_MEMORY;
  call->weight = parameter(weight, memory);
  call->stages = memory + call->row_bytes;
  if (parameters) {
    call->dweight = call->stages + stages * call->row_bytes;
    call->dbias = (char *)call->dweight + (size_t)(pieces + 1) * call->row_bytes;
    memset(call->dweight, 0, partials * call->row_bytes);
  }
  bool wide = x->dtype == DS_FLOAT64;
  int64_t grain = norm_grain(call->width * call->piece_rows);
  ds_parallel_dynamic(pieces, grain, wide ? backward_pieces_double : backward_pieces_float, call);
  if (dweight != NULL) (wide ? total_double : total_float)(call, call->dweight, pieces, dweight);
  if (dbias != NULL) (wide ? total_double : total_float)(call, call->dbias, pieces, dbias);
  free(memory);
  return DS_OK;
}

ds_status ds_layer_norm(const ds_view *x, const ds_view *residual, const ds_view *weight, const ds_view *bias,
                        double epsilon, const ds_view *sum, const ds_view *y, const ds_view *mean,
                        const ds_view *rstd) {
  row_call call = {.centered = true, .epsilon = epsilon};
  return forward(&call, x, residual, weight, bias, sum, y, mean, rstd);
}

ds_status ds_layer_norm_backward(const ds_view *x, const ds_view *mean, const ds_view *rstd, const ds_view *weight,
                                 const ds_view *dy, const ds_view *dx, const ds_view *dweight, const ds_view *dbias) {
  row_call call = {.centered = true};
  return backward(&call, x, mean, rstd, weight, dy, dx, dweight, dbias);
}

ds_status ds_rms_norm(const ds_view *x, const ds_view *residual, const ds_view *weight, double epsilon,
                      const ds_view *sum, const ds_view *y, const ds_view *rstd) {
  row_call call = {.epsilon = epsilon};
  return forward(&call, x, residual, weight, NULL, sum, y, NULL, rstd);
}

ds_status ds_rms_norm_backward(const ds_view *x, const ds_view *rstd, const ds_view *weight, const ds_view *dy,
                               const ds_view *dx, const ds_view *dweight) {
  row_call call = {.centered = false};
  return backward(&call, x, NULL, rstd, weight, dy, dx, dweight, NULL);
}
