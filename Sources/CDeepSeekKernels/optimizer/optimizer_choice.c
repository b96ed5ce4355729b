// Which loops run, and how they are shared among threads.
#include "optimizer_internal.h"

#include "../include/ds_threads.h"
#include "../support/ds_choose.h"

const optimizer_kernels *optimizer_current_kernels(void) { return DS_CHOOSE(optimizer_kernels); }

const optimizer_loops *optimizer_loops_for(ds_dtype dtype) {
  if (dtype == DS_FLOAT32) return &optimizer_current_kernels()->floats;
  if (dtype == DS_FLOAT64) return &optimizer_current_kernels()->doubles;
  return NULL;
}

typedef struct range_call {
  optimizer_range range;
  const optimizer_buffers *buffers;
} range_call;

static void run_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const range_call *call = context;
  call->range(call->buffers, begin, end);
}

void optimizer_run(optimizer_range range, const optimizer_buffers *buffers, int64_t count) {
  range_call call = {range, buffers};
  ds_parallel_for(count, OPTIMIZER_GRAIN, run_range, &call);
}

// Few enough for the stack, many enough for any number of threads.
enum { MAX_PIECES = 1024 };

typedef struct sums_call {
  optimizer_sums range;
  const optimizer_buffers *buffers;
  int64_t count, piece;
  double sums[MAX_PIECES][2];
} sums_call;

static void run_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  sums_call *call = context;
  for (int64_t i = begin; i < end; i++) {
    int64_t first = i * call->piece, last = call->count - first < call->piece ? call->count : first + call->piece;
    call->range(call->buffers, first, last, call->sums[i]);
  }
}

void optimizer_run_sums(optimizer_sums range, const optimizer_buffers *buffers, int64_t count, double sums[2]) {
  sums_call call;
  call.range = range;
  call.buffers = buffers;
  call.count = count;
  call.piece = count / MAX_PIECES + 1 < OPTIMIZER_GRAIN ? OPTIMIZER_GRAIN : count / MAX_PIECES + 1;
  int64_t pieces = count / call.piece + (count % call.piece != 0);
  ds_parallel_for(pieces, 1, run_pieces, &call);
  sums[0] = sums[1] = 0.0;
  for (int64_t i = 0; i < pieces; i++) {
    sums[0] += call.sums[i][0];
    sums[1] += call.sums[i][1];
  }
}
