// Sort and argsort along an axis. Many lines are shared among the threads whole; few long ones are sorted one by one
// with the threads inside each.
#include <stdlib.h>

#include "../views/cursor.h"
#include "ds_sorting.h"
#include "ds_threads.h"
#include "entries.h"
#include "lines.h"

// A line shorter than this is not worth sharing.
enum { SHARED_LENGTH = 1 << 15 };

typedef struct sort_plan {
  const ds_view *x;
  dsv_lines lines;
  int64_t axis_stride, size, pieces;
  bool wide, descending;
  char *values;
  int64_t *indices;
  char *scratch;  // for each worker: two lists of entries and the histograms
  int64_t scratch_bytes, list_bytes;
} sort_plan;

typedef struct line_job {
  const sort_plan *plan;
  dsv_line line;
  void *entries;
  char *values;
  int64_t *indices;
} line_job;

static void fill_part(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const line_job *job = context;
  if (job->plan->wide) {
    dsv_wide_fill(&job->line, begin, end, (dsv_wide_entry *)job->entries + begin);
  } else {
    dsv_narrow_fill(&job->line, begin, end, (dsv_narrow_entry *)job->entries + begin);
  }
}

static void emit_part(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const line_job *job = context;
  int64_t stride = job->plan->lines.inner;
  char *values = job->values == NULL ? NULL : job->values + begin * stride * job->plan->size;
  int64_t *indices = job->indices == NULL ? NULL : job->indices + begin * stride;
  if (job->plan->wide) {
    dsv_wide_emit(&job->line, (const dsv_wide_entry *)job->entries + begin, end - begin, values, indices, stride);
  } else {
    dsv_narrow_emit(&job->line, (const dsv_narrow_entry *)job->entries + begin, end - begin, values, indices, stride);
  }
}

static void sort_lines(void *context, int64_t begin, int64_t end, int32_t worker) {
  const sort_plan *plan = context;
  int64_t length = plan->lines.length;
  char *scratch = plan->scratch + worker * plan->scratch_bytes;
  void *spare = scratch + plan->list_bytes;
  int64_t *histogram = (int64_t *)(scratch + 2 * plan->list_bytes);
  int32_t bits = (int32_t)plan->size * 8;
  dsv_cursor cursor = dsv_cursor_at(plan->lines.shape, plan->x->strides, plan->lines.rank, begin);
  for (int64_t i = begin; i < end; i++, dsv_cursor_next(&cursor)) {
    int64_t out = dsv_line_start(&plan->lines, i, length);
    line_job job = {.plan = plan, .entries = scratch,
                    .line = {.data = (const char *)plan->x->data + cursor.offset * plan->size, .length = length,
                             .stride = plan->axis_stride, .dtype = plan->x->dtype, .descending = plan->descending},
                    .values = plan->values == NULL ? NULL : plan->values + out * plan->size,
                    .indices = plan->indices == NULL ? NULL : plan->indices + out};
    ds_parallel_for(length, SHARED_LENGTH, fill_part, &job);
    job.entries = plan->wide ? (void *)dsv_wide_sort(job.entries, spare, length, bits, plan->pieces, histogram)
                             : (void *)dsv_narrow_sort(job.entries, spare, length, bits, plan->pieces, histogram);
    ds_parallel_for(length, SHARED_LENGTH, emit_part, &job);
  }
}

ds_status ds_sort(const ds_view *x, int32_t axis, bool descending, const ds_view *values, const ds_view *indices) {
  ds_status status = dsv_check(x);
  if (status == DS_OK && values != NULL) status = dsv_check_output(values);
  if (status == DS_OK && indices != NULL) status = dsv_check_output(indices);
  if (status != DS_OK) return status;
  if (x->dtype > DS_BOOL || (values != NULL && values->dtype != x->dtype) ||
      (indices != NULL && indices->dtype != DS_INT64)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  if (!dsv_resolve_axis(&axis, x->rank) || (values != NULL && !dsv_same_shape(x, values)) ||
      (indices != NULL && !dsv_same_shape(x, indices))) {
    return DS_INVALID_SHAPE;
  }
  if (dsv_count(x) == 0) return DS_OK;
  sort_plan plan = {.x = x, .lines = dsv_lines_of(x, axis), .axis_stride = x->strides[axis],
                    .size = dsv_element_size(x->dtype), .wide = dsv_needs_wide(x->dtype, x->shape[axis]),
                    .descending = descending, .values = values != NULL ? values->data : NULL,
                    .indices = indices != NULL ? indices->data : NULL};
  int64_t threads = ds_thread_count(), length = plan.lines.length;
  bool share_lines = plan.lines.count >= threads || length < 2 * SHARED_LENGTH;
  plan.pieces = share_lines ? 1 : threads;
  int64_t entry = plan.wide ? (int64_t)sizeof(dsv_wide_entry) : (int64_t)sizeof(dsv_narrow_entry);
  int64_t workers = share_lines ? threads : 1, histograms = plan.pieces * DSV_HISTOGRAM * (int64_t)sizeof(int64_t);
  if (__builtin_mul_overflow(length, entry, &plan.list_bytes) ||
      __builtin_mul_overflow(plan.list_bytes, 2, &plan.scratch_bytes) ||
      __builtin_add_overflow(plan.scratch_bytes, histograms, &plan.scratch_bytes)) {
    return DS_OUT_OF_MEMORY;
  }
  plan.scratch = dsv_allocate(workers, plan.scratch_bytes);
  if (plan.scratch == NULL) return DS_OUT_OF_MEMORY;
  if (share_lines) {
    ds_parallel_for(plan.lines.count, dsv_grain(length * 8 * plan.size), sort_lines, &plan);
  } else {
    sort_lines(&plan, 0, plan.lines.count, 0);
  }
  free(plan.scratch);
  return DS_OK;
}
