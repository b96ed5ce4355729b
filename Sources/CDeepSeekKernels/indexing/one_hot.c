// Indices as rows with one element set.
#include <stdlib.h>

#include "../views/copy_row.h"
#include "../views/views.h"
#include "ds_indexing.h"
#include "ds_threads.h"

typedef struct one_hot_plan {
  const int64_t *index;
  const void *on, *off;
  char *out;
  int64_t depth, size;
} one_hot_plan;

static void fill_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const one_hot_plan *plan = context;
  dsv_copy_row(plan->out + begin * plan->depth * plan->size, 1, plan->off, 0, (end - begin) * plan->depth, plan->size);
  for (int64_t i = begin; i < end; i++) {
    memcpy(plan->out + (i * plan->depth + plan->index[i]) * plan->size, plan->on, (size_t)plan->size);
  }
}

ds_status ds_one_hot(const ds_view *index, const void *on, const void *off, const ds_view *out) {
  ds_status status = dsv_check(index);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (index->rank >= DS_MAX_RANK || out->rank != index->rank + 1) return DS_INVALID_SHAPE;
  for (int32_t i = 0; i < index->rank; i++) {
    if (index->shape[i] != out->shape[i]) return DS_INVALID_SHAPE;
  }
  one_hot_plan plan = {.on = on, .off = off, .out = out->data, .depth = out->shape[index->rank],
                       .size = dsv_element_size(out->dtype)};
  void *owned;
  status = dsv_indices(index, plan.depth, &plan.index, &owned);
  if (status != DS_OK) return status;
  ds_parallel_for(dsv_count(index), dsv_grain(plan.depth * plan.size), fill_rows, &plan);
  free(owned);
  return DS_OK;
}
