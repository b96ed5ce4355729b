// Cross-entropy over the rows of a view.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../include/ds_loss.h"
#include "../include/ds_threads.h"
#include "../support/ds_lines.h"
#include "loss_internal.h"

// About how many logits are worth another thread: their exponentials take several microseconds.
enum { GRAIN_LOGITS = 8 * 1024 };

typedef struct loss_call {
  const loss_kernels *kernels;
  bool wide;  // computed in double
  ds_lines logits, dlogits, targets;
  ds_lines losses, lse, row_weights, upstream;
  bool has_losses, has_lse, has_row_weights;
  int64_t rows, classes, ignore_index;
  double smoothing, weight_sum;
  const void *weights;  // contiguous, of the computing type, or NULL
  char *stages;         // two rows for each worker, or NULL when rows are used where they lie
  size_t row_bytes;
} loss_call;

#define TRY(expression)                   \
  do {                                    \
    ds_status status_ = (expression);     \
    if (status_ != DS_OK) return status_; \
  } while (0)

static int64_t target_of(const loss_call *call, int64_t row) {
  const void *at = ds_line_address(&call->targets, row);
  return call->targets.dtype == DS_INT64 ? *(const int64_t *)at : *(const int32_t *)at;
}

static double number(bool wide, const void *at) { return wide ? *(const double *)at : (double)*(const float *)at; }

static void put(const loss_call *call, const ds_lines *lines, int64_t row, double value) {
  void *at = ds_line_address(lines, row);
  if (call->wide) *(double *)at = value;
  else *(float *)at = (float)value;
}

// Element `index` of a contiguous vector of the computing type; one where there is no vector.
static double weight_of(const loss_call *call, int64_t index) {
  if (call->weights == NULL) return 1.0;
  return number(call->wide, (const char *)call->weights + (size_t)index * (call->wide ? 8 : 4));
}

static char *stage(const loss_call *call, int32_t worker, int slot) {
  return call->stages == NULL ? NULL : call->stages + (size_t)(worker * 2 + slot) * call->row_bytes;
}

static void forward_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  const loss_call *call = context;
  for (int64_t row = begin; row < end; row++) {
    int64_t target = target_of(call, row);
    bool ignored = target == call->ignore_index;
    double loss = 0.0, lse = 0.0, weight = ignored ? 0.0 : weight_of(call, target);
    if (!ignored || call->has_lse) {
      const void *x = ds_line_in(&call->logits, row, stage(call, worker, 0));
      bool smoothed = call->smoothing != 0.0;
      loss_row scanned = call->wide ? loss_scan_double(x, call->classes, smoothed, call->weights)
                                    : call->kernels->scan(x, call->classes, smoothed, call->weights);
      lse = scanned.maximum + log(scanned.sum);
      if (!ignored) {
        double logit = number(call->wide, (const char *)x + (size_t)target * (call->wide ? 8 : 4));
        loss = (1.0 - call->smoothing) * weight * (lse - logit);
        if (smoothed) {
          loss += call->smoothing / (double)call->classes * (call->weight_sum * lse - scanned.weighted);
        }
      }
    }
    if (call->has_losses) put(call, &call->losses, row, loss);
    if (call->has_lse) put(call, &call->lse, row, lse);
    if (call->has_row_weights) put(call, &call->row_weights, row, weight);
  }
}

// d loss / d x[c] = a p[c] - b w[c] - (1 - smoothing) w[t] [c = t], times the upstream gradient, with
// b = smoothing / classes and a = (1 - smoothing) w[t] + b (sum of w).
static void backward_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  const loss_call *call = context;
  for (int64_t row = begin; row < end; row++) {
    int64_t target = target_of(call, row);
    void *out = ds_line_out(&call->dlogits, row, stage(call, worker, 1));
    if (target == call->ignore_index) {
      memset(out, 0, (size_t)call->classes * (call->wide ? 8 : 4));
      ds_line_finish(&call->dlogits, row, out);
      continue;
    }
    const void *x = ds_line_in(&call->logits, row, stage(call, worker, 0));
    double lse = number(call->wide, ds_line_address(&call->lse, row));
    double upstream = number(call->wide, ds_line_address(&call->upstream, row));
    double at_target = upstream * (1.0 - call->smoothing) * weight_of(call, target);
    double b = upstream * call->smoothing / (double)call->classes;
    double a = at_target + b * call->weight_sum;
    if (call->wide) {
      loss_gradient_double(x, call->classes, lse, a, b, call->weights, out);
      ((double *)out)[target] -= at_target;
    } else {
      call->kernels->gradient(x, call->classes, (float)lse, (float)a, (float)b, call->weights, out);
      ((float *)out)[target] -= (float)at_target;
    }
    ds_line_finish(&call->dlogits, row, out);
  }
}

// A value for each row: of the computing type, and as many as there are rows.
static ds_status check_row_values(const loss_call *call, const ds_view *view) {
  if (view == NULL) return DS_OK;
  if (ds_element_count(view) != call->rows) return DS_INVALID_SHAPE;
  return view->dtype == (call->wide ? DS_FLOAT64 : DS_FLOAT32) ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

// Checks and fills in what both directions share.
static ds_status prepare(loss_call *call, const ds_view *logits, const ds_view *targets, const ds_view *class_weights,
                         double smoothing, int64_t ignore_index) {
  if (ds_element_count(logits) < 0 || ds_element_count(targets) < 0 || logits->rank < 1) return DS_INVALID_SHAPE;
  if (targets->rank != logits->rank - 1 || !ds_same_leading(logits, targets, targets->rank)) return DS_INVALID_SHAPE;
  if (!(smoothing >= 0.0 && smoothing <= 1.0)) return DS_INVALID_SHAPE;
  if (!ds_is_floating(logits->dtype)) return DS_UNSUPPORTED_DTYPE;
  if (targets->dtype != DS_INT64 && targets->dtype != DS_INT32) return DS_UNSUPPORTED_DTYPE;
  call->kernels = loss_current_kernels();
  call->wide = logits->dtype == DS_FLOAT64;
  call->logits = ds_last_axis_lines(logits);
  call->targets = ds_single_elements(targets);
  call->rows = call->targets.count;
  call->classes = call->logits.width;
  call->smoothing = smoothing;
  call->ignore_index = ignore_index;
  if (class_weights != NULL) {
    if (ds_element_count(class_weights) < 0 || class_weights->rank != 1) return DS_INVALID_SHAPE;
    if (class_weights->shape[0] != call->classes) return DS_INVALID_SHAPE;
    if (!ds_is_floating(class_weights->dtype)) return DS_UNSUPPORTED_DTYPE;
    if (ds_computing_type(class_weights->dtype) != ds_computing_type(logits->dtype)) return DS_UNSUPPORTED_DTYPE;
  }
  for (int64_t row = 0; row < call->rows; row++) {
    int64_t target = target_of(call, row);
    if (target != ignore_index && (target < 0 || target >= call->classes)) return DS_INDEX_OUT_OF_RANGE;
  }
  return DS_OK;
}

// Runs `body` over the rows, with the class weights and the workers' stages in memory.
static ds_status run(loss_call *call, const ds_view *class_weights, bool staged, ds_range_body body) {
  if (call->rows == 0 || call->classes == 0) return DS_OK;
  size_t bytes = call->wide ? 8 : 4;
  if ((uint64_t)call->classes > (SIZE_MAX >> 24) / bytes) return DS_OUT_OF_MEMORY;
  call->row_bytes = ((size_t)call->classes * bytes + 63) / 64 * 64;
  size_t stages = staged ? 2 * (size_t)ds_thread_count() : 0;
  ds_lines weights = {0};
  if (class_weights != NULL) weights = ds_last_axis_lines(class_weights);
  size_t copies = class_weights != NULL && ds_lines_staged(&weights) ? 1 : 0;
  char *memory = NULL;
  if (stages + copies > 0) {
    memory = aligned_alloc(64, (stages + copies) * call->row_bytes);
    if (memory == NULL) return DS_OUT_OF_MEMORY;
    if (stages > 0) call->stages = memory + copies * call->row_bytes;
  }
  call->weight_sum = (double)call->classes;
  if (class_weights != NULL) {
    call->weights = ds_line_in(&weights, 0, memory);
    call->weight_sum = 0.0;
    for (int64_t i = 0; i < call->classes; i++) call->weight_sum += weight_of(call, i);
  }
  int64_t grain = GRAIN_LOGITS / call->classes;
  ds_parallel_for(call->rows, grain > 0 ? grain : 1, body, call);
  free(memory);
  return DS_OK;
}

ds_status ds_cross_entropy(const ds_view *logits, const ds_view *targets, const ds_view *class_weights,
                           double smoothing, int64_t ignore_index, const ds_view *losses, const ds_view *lse,
                           const ds_view *row_weights) {
  loss_call call = {0};
  TRY(prepare(&call, logits, targets, class_weights, smoothing, ignore_index));
  TRY(check_row_values(&call, losses));
  TRY(check_row_values(&call, lse));
  TRY(check_row_values(&call, row_weights));
  if (call.classes == 0 && call.rows > 0) return DS_INVALID_SHAPE;
  call.has_losses = losses != NULL;
  call.has_lse = lse != NULL;
  call.has_row_weights = row_weights != NULL;
  if (losses != NULL) call.losses = ds_single_elements(losses);
  if (lse != NULL) call.lse = ds_single_elements(lse);
  if (row_weights != NULL) call.row_weights = ds_single_elements(row_weights);
  return run(&call, class_weights, ds_lines_staged(&call.logits), forward_rows);
}

ds_status ds_cross_entropy_backward(const ds_view *logits, const ds_view *targets, const ds_view *class_weights,
                                    double smoothing, int64_t ignore_index, const ds_view *lse,
                                    const ds_view *upstream, const ds_view *dlogits) {
  loss_call call = {0};
  TRY(prepare(&call, logits, targets, class_weights, smoothing, ignore_index));
  TRY(check_row_values(&call, lse));
  TRY(check_row_values(&call, upstream));
  if (ds_element_count(dlogits) < 0 || !ds_same_shape(logits, dlogits)) return DS_INVALID_SHAPE;
  if (dlogits->dtype != logits->dtype) return DS_UNSUPPORTED_DTYPE;
  call.dlogits = ds_last_axis_lines(dlogits);
  call.lse = ds_single_elements(lse);
  call.upstream = ds_single_elements(upstream);
  return run(&call, class_weights, ds_lines_staged(&call.logits) || ds_lines_staged(&call.dlogits), backward_rows);
}
