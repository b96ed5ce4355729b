// Index tensors: proven in range before any kernel uses them, so that the kernels need no checks of their own.
#include <stdatomic.h>
#include <stdlib.h>

#include "ds_threads.h"
#include "views.h"

typedef struct index_scan {
  const void *from;
  int64_t *to;  // NULL: look only
  int64_t limit;
  bool narrow;  // int32 rather than int64
  atomic_bool negative, outside;
} index_scan;

static void scan(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  index_scan *scan = context;
  const int64_t *from = scan->from;
  int64_t limit = scan->limit;
  bool negative = false, outside = false;
  for (int64_t i = begin; i < end; i++) {
    negative |= from[i] < 0;
    outside |= (from[i] >= limit) | (from[i] < -limit);
  }
  if (negative) atomic_store_explicit(&scan->negative, true, memory_order_relaxed);
  if (outside) atomic_store_explicit(&scan->outside, true, memory_order_relaxed);
}

static void resolve(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  index_scan *scan = context;
  const int64_t *wide = scan->from;
  const int32_t *narrow = scan->from;
  int64_t limit = scan->limit;
  bool outside = false;
  for (int64_t i = begin; i < end; i++) {
    int64_t index = scan->narrow ? narrow[i] : wide[i];
    outside |= (index >= limit) | (index < -limit);
    scan->to[i] = index < 0 ? index + limit : index;
  }
  if (outside) atomic_store_explicit(&scan->outside, true, memory_order_relaxed);
}

ds_status dsv_indices(const ds_view *index, int64_t limit, const int64_t **indices, void **owned) {
  *owned = NULL;
  *indices = NULL;
  if (index->dtype != DS_INT64 && index->dtype != DS_INT32) return DS_UNSUPPORTED_DTYPE;
  const void *packed;
  void *packed_copy;
  ds_status status = dsv_pack(index, &packed, &packed_copy);
  if (status != DS_OK) return status;
  int64_t count = dsv_count(index);
  index_scan work = {.from = packed, .limit = limit, .narrow = index->dtype == DS_INT32};

  if (!work.narrow) {
    ds_parallel_for(count, dsv_grain(sizeof(int64_t)), scan, &work);
    if (work.outside) {
      free(packed_copy);
      return DS_INDEX_OUT_OF_RANGE;
    }
    if (!work.negative) {
      *indices = packed;
      *owned = packed_copy;
      return DS_OK;
    }
  }

  work.to = dsv_allocate(count, sizeof(int64_t));
  if (work.to != NULL) ds_parallel_for(count, dsv_grain(sizeof(int64_t)), resolve, &work);
  free(packed_copy);
  if (work.to == NULL) return DS_OUT_OF_MEMORY;
  if (work.outside) {
    free(work.to);
    return DS_INDEX_OUT_OF_RANGE;
  }
  *indices = work.to;
  *owned = work.to;
  return DS_OK;
}
