// Sampling an index per row of logits, by the inverse of the distribution function.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../include/ds_threads.h"
#include "../support/ds_lines.h"
#include "random_internal.h"

// Exponentials are made and added in pieces of this many.
enum { PIECE = 256 };

// About how many classes, over all rows, are worth another thread.
enum { GRAIN_CLASSES = 16 * 1024 };

typedef struct categorical_call {
  const random_kernels *kernels;
  ds_random_key key;
  ds_view logits;
  int64_t classes;
  ds_lines out;
  atomic_bool impossible;
} categorical_call;

// Logits begin ..< begin + count of a row as floats, with -infinity up to the kernel's step.
static void piece_of_row(const categorical_call *call, int64_t row, int64_t begin, int64_t count, float *to) {
  int64_t first = row * call->classes + begin;
  if (call->logits.dtype == DS_FLOAT64) {
    double wide[PIECE];
    ds_elements_in(&call->logits, first, count, wide);
    for (int64_t i = 0; i < count; i++) to[i] = (float)wide[i];
  } else {
    ds_elements_in(&call->logits, first, count, to);
  }
  for (int64_t i = count; i < random_round_up(count); i++) to[i] = -__builtin_inff();
}

static int64_t piece_count(const categorical_call *call, int64_t begin) {
  return call->classes - begin < PIECE ? call->classes - begin : PIECE;
}

// The index drawn by `u` in [0, 1); -1 when none can be.
static int64_t draw(const categorical_call *call, int64_t row, double u) {
  float piece[PIECE];
  float most = -__builtin_inff();
  for (int64_t at = 0; at < call->classes; at += PIECE) {
    int64_t count = piece_count(call, at);
    piece_of_row(call, row, at, count, piece);
    float here = call->kernels->maximum(piece, random_round_up(count));
    most = here > most ? here : most;
  }
  // The running sum is formed twice in the same order: once for its end, once to see where it passes u times that.
  double total = 0.0;
  for (int64_t at = 0; at < call->classes; at += PIECE) {
    int64_t count = piece_count(call, at);
    piece_of_row(call, row, at, count, piece);
    call->kernels->exponentials(piece, random_round_up(count), most, piece);
    for (int64_t i = 0; i < count; i++) total += (double)piece[i];
  }
  if (!(total > 0.0)) return -1;  // the sum is NaN where a logit was, or the maximum infinite
  double target = u * total, running = 0.0;
  int64_t last = -1;
  for (int64_t at = 0; at < call->classes; at += PIECE) {
    int64_t count = piece_count(call, at);
    piece_of_row(call, row, at, count, piece);
    call->kernels->exponentials(piece, random_round_up(count), most, piece);
    for (int64_t i = 0; i < count; i++) {
      running += (double)piece[i];
      if (running > target) return at + i;
      if (piece[i] > 0.0f) last = at + i;
    }
  }
  return last;  // u times the total was rounded up to the total
}

static void rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  categorical_call *call = context;
  for (int64_t row = begin; row < end; row++) {
    uint32_t words[4];
    ds_philox_block(call->key, (uint64_t)row / 2, words);
    int64_t index = draw(call, row, random_double(random_pair(words, row % 2)));
    if (index < 0) atomic_store_explicit(&call->impossible, true, memory_order_relaxed);
    else memcpy(ds_line_address(&call->out, row), &index, sizeof(index));
  }
}

ds_status ds_random_categorical(const ds_view *logits, ds_random_key key, const ds_view *out) {
  if (ds_element_count(logits) < 0 || ds_element_count(out) < 0 || logits->rank < 1) return DS_INVALID_SHAPE;
  if (out->rank != logits->rank - 1 || !ds_same_leading(logits, out, out->rank)) return DS_INVALID_SHAPE;
  if (!ds_is_floating(logits->dtype) || out->dtype != DS_INT64) return DS_UNSUPPORTED_DTYPE;
  categorical_call call = {.kernels = random_current_kernels(), .key = key, .logits = *logits};
  call.classes = logits->shape[logits->rank - 1];
  call.out = ds_single_elements(out);
  if (call.out.count > 0 && call.classes == 0) return DS_INDEX_OUT_OF_RANGE;
  int64_t grain = call.classes > 0 ? GRAIN_CLASSES / call.classes : 1;
  ds_parallel_for(call.out.count, grain > 0 ? grain : 1, rows, &call);
  return atomic_load(&call.impossible) ? DS_INDEX_OUT_OF_RANGE : DS_OK;
}
