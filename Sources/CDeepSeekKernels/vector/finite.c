// The scan for NaN and infinity.
#include <stdatomic.h>

#include "ds_threads.h"
#include "view_loop.h"

// Whether n contiguous elements are all finite.
static bool block_finite(const vector_table *loops, int32_t dtype, const void *data, int64_t n) {
  switch (dtype) {
    case DS_FLOAT32:
      return loops->finite_f32(data, n);
    case DS_COMPLEX64:
      return loops->finite_f32(data, 2 * n);
    case DS_FLOAT64:
      return loops->finite_f64(data, n);
    case DS_FLOAT16:
    case DS_BFLOAT16: {
      const uint16_t *bits = data, exponent = dtype == DS_FLOAT16 ? 0x7C00 : 0x7F80;
      int bad = 0;
      for (int64_t i = 0; i < n; i++) bad |= (bits[i] & exponent) == exponent;
      return !bad;
    }
    case DS_FLOAT8_E4M3:
    case DS_FLOAT8_E5M2: {
      const uint8_t *bits = data, first_bad = dtype == DS_FLOAT8_E4M3 ? 0x7F : 0x7C;
      int bad = 0;
      for (int64_t i = 0; i < n; i++) bad |= (bits[i] & 0x7F) >= first_bad;
      return !bad;
    }
    default:
      return true;
  }
}

typedef struct finite_job {
  merged m;
  const vector_table *loops;
  const char *data;
  int32_t dtype;
  atomic_bool bad;  // one thread's find ends the others' search at their next block
} finite_job;

static void finite_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  finite_job *job = context;
  int64_t size = dtype_size(job->dtype);
  bool contiguous = job->m.rank == 1 && job->m.strides[0][0] == 1;
  int64_t step = contiguous ? 16 * BLOCK : BLOCK;
  for (int64_t i = begin; i < end && !atomic_load_explicit(&job->bad, memory_order_relaxed); i += step) {
    int64_t n = end - i < step ? end - i : step;
    block_buffer buffer;
    const void *block = job->data + i * size;
    if (!contiguous) {
      ds_view_gather(&job->m, 0, job->data, size, i, n, buffer);
      block = buffer;
    }
    if (!block_finite(job->loops, job->dtype, block, n)) atomic_store_explicit(&job->bad, true, memory_order_relaxed);
  }
}

ds_status ds_all_finite(const ds_view *x, bool *result) {
  *result = true;
  if (!ds_view_valid(x)) return DS_INVALID_SHAPE;
  if (ds_view_count(x) == 0) return DS_OK;
  finite_job job = {.loops = vector_loops(), .data = x->data, .dtype = x->dtype};
  ds_view_merge(&job.m, &x, 1);
  ds_parallel_for(job.m.count, GRAIN_LIGHT, finite_range, &job);
  *result = !atomic_load(&job.bad);
  return DS_OK;
}
