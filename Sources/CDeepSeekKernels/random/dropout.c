// Dropout over views: blocks of elements, used in place or staged.
#include <math.h>
#include <string.h>

#include "../include/ds_threads.h"
#include "../support/ds_lines.h"
#include "random_internal.h"

typedef struct dropout_call {
  const random_kernels *kernels;
  const ds_view *x, *residual, *out;
  ds_random_key key;
  int64_t count;
  uint32_t threshold;
  bool keeps_none;
  double scale;
  bool x_direct, residual_direct, out_direct;
} dropout_call;

typedef union block_buffer {
  float floats[RANDOM_BLOCK];
  double doubles[RANDOM_BLOCK];
} block_buffer;

static size_t computing_bytes(const ds_view *view) { return ds_element_bytes(ds_computing_type(view->dtype)); }

// Elements that lie as the kernel wants them, or a copy, zero up to the kernel's step.
static const void *elements(const ds_view *view, bool direct, int64_t begin, int64_t count, block_buffer *buffer) {
  size_t bytes = computing_bytes(view);
  if (direct && count == random_round_up(count)) return (const char *)view->data + (size_t)begin * bytes;
  ds_elements_in(view, begin, count, buffer);
  memset((char *)buffer + (size_t)count * bytes, 0, (size_t)(random_round_up(count) - count) * bytes);
  return buffer;
}

static void dropout_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const dropout_call *call = context;
  uint32_t words[RANDOM_BLOCK];
  block_buffer x_buffer, residual_buffer, out_buffer;
  for (int64_t block = begin; block < end; block++) {
    int64_t at = block * RANDOM_BLOCK;
    int64_t count = call->count - at < RANDOM_BLOCK ? call->count - at : RANDOM_BLOCK;
    int64_t whole = random_round_up(count);
    const void *x = elements(call->x, call->x_direct, at, count, &x_buffer);
    const void *residual = NULL;
    if (call->residual != NULL) {
      residual = elements(call->residual, call->residual_direct, at, count, &residual_buffer);
    }
    bool in_place = call->out_direct && count == whole;
    void *out = in_place ? (char *)call->out->data + (size_t)at * computing_bytes(call->out) : (void *)&out_buffer;
    if (call->keeps_none) memset(words, 0, (size_t)whole * sizeof(uint32_t));
    else call->kernels->words(call->key, (uint64_t)at / 4, whole, words);
    if (call->out->dtype == DS_FLOAT64) {
      call->kernels->dropout_double(words, whole, x, call->threshold, call->scale, residual, out);
    } else {
      call->kernels->dropout_float(words, whole, x, call->threshold, (float)call->scale, residual, out);
    }
    if (!in_place) ds_elements_out(call->out, at, count, out);
  }
}

// Whether blocks of the view can be computed on where they are.
static bool is_direct(const ds_view *view) {
  return ds_computing_type(view->dtype) == (ds_dtype)view->dtype && ds_is_contiguous(view);
}

static ds_status dropout(const ds_view *x, ds_random_key key, double p, const ds_view *residual, const ds_view *out) {
  int64_t count = ds_element_count(x);
  if (count < 0 || ds_element_count(out) < 0 || !ds_same_shape(x, out)) return DS_INVALID_SHAPE;
  if (!(p >= 0.0 && p <= 1.0)) return DS_INVALID_SHAPE;
  if (!ds_is_floating(x->dtype) || x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  if (residual != NULL) {
    if (ds_element_count(residual) < 0 || !ds_same_shape(x, residual)) return DS_INVALID_SHAPE;
    if (residual->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  }
  // The largest word reaches every threshold, so that "keep none" has to be made: words of zero under a threshold of one.
  bool keeps_none = p == 1.0;
  dropout_call call = {.kernels = random_current_kernels(),
                       .x = x,
                       .residual = residual,
                       .out = out,
                       .key = key,
                       .count = count,
                       .threshold = keeps_none ? 1 : ds_dropout_threshold(p),
                       .keeps_none = keeps_none,
                       .scale = keeps_none ? 0.0 : 1.0 / (1.0 - p),
                       .x_direct = is_direct(x),
                       .residual_direct = residual != NULL && is_direct(residual),
                       .out_direct = is_direct(out)};
  int64_t blocks = (count + RANDOM_BLOCK - 1) / RANDOM_BLOCK;
  ds_parallel_for(blocks, RANDOM_GRAIN_BLOCKS, dropout_blocks, &call);
  return DS_OK;
}

ds_status ds_dropout(const ds_view *x, ds_random_key key, double p, const ds_view *out) {
  return dropout(x, key, p, NULL, out);
}

ds_status ds_dropout_add(const ds_view *x, ds_random_key key, double p, const ds_view *residual, const ds_view *out) {
  return dropout(x, key, p, residual, out);
}
