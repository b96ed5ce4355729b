// Copies between layouts. Dimensions that run on in both layouts are merged first, so that most copies end up as few
// long rows; a row is a memcpy or a strided loop by element size.
#include "copy_row.h"
#include "ds_threads.h"
#include "views.h"

typedef struct copy_plan {
  char *to;
  const char *from;
  int64_t size;
  int32_t rank;
  int64_t shape[DS_MAX_RANK], to_strides[DS_MAX_RANK], from_strides[DS_MAX_RANK];
} copy_plan;

// False when the shape has no elements.
static bool merge(copy_plan *plan, const int64_t *shape, const int64_t *to_strides, const int64_t *from_strides,
                  int32_t rank) {
  plan->rank = 0;
  for (int32_t i = 0; i < rank; i++) {
    if (shape[i] == 0) return false;
    if (shape[i] == 1) continue;
    int32_t last = plan->rank - 1;
    if (last >= 0 && plan->to_strides[last] == to_strides[i] * shape[i] &&
        plan->from_strides[last] == from_strides[i] * shape[i]) {
      plan->shape[last] *= shape[i];
      plan->to_strides[last] = to_strides[i];
      plan->from_strides[last] = from_strides[i];
    } else {
      plan->shape[plan->rank] = shape[i];
      plan->to_strides[plan->rank] = to_strides[i];
      plan->from_strides[plan->rank] = from_strides[i];
      plan->rank++;
    }
  }
  if (plan->rank == 0) {
    plan->rank = 1;
    plan->shape[0] = plan->to_strides[0] = plan->from_strides[0] = 1;
  }
  return true;
}

static void copy_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const copy_plan *plan = context;
  int32_t inner = plan->rank - 1;
  int64_t position[DS_MAX_RANK] = {0}, to = 0, from = 0, rest = begin;
  for (int32_t i = inner - 1; i >= 0; i--) {
    position[i] = rest % plan->shape[i];
    rest /= plan->shape[i];
    to += position[i] * plan->to_strides[i];
    from += position[i] * plan->from_strides[i];
  }
  for (int64_t row = begin; row < end; row++) {
    dsv_copy_row(plan->to + to * plan->size, plan->to_strides[inner], plan->from + from * plan->size,
             plan->from_strides[inner], plan->shape[inner], plan->size);
    for (int32_t i = inner - 1; i >= 0; i--) {
      to += plan->to_strides[i];
      from += plan->from_strides[i];
      if (++position[i] < plan->shape[i]) break;
      position[i] = 0;
      to -= plan->shape[i] * plan->to_strides[i];
      from -= plan->shape[i] * plan->from_strides[i];
    }
  }
}

static void copy_span(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const copy_plan *plan = context;
  dsv_copy_row(plan->to + begin * plan->to_strides[0] * plan->size, plan->to_strides[0],
           plan->from + begin * plan->from_strides[0] * plan->size, plan->from_strides[0], end - begin, plan->size);
}

void dsv_copy(void *to, const int64_t *to_strides, const void *from, const int64_t *from_strides, const int64_t *shape,
              int32_t rank, int64_t size) {
  copy_plan plan = {.to = to, .from = from, .size = size};
  if (!merge(&plan, shape, to_strides, from_strides, rank)) return;
  if (plan.rank == 1) {
    ds_parallel_for(plan.shape[0], dsv_grain(size), copy_span, &plan);
    return;
  }
  int64_t rows = 1;
  for (int32_t i = 0; i + 1 < plan.rank; i++) rows *= plan.shape[i];
  ds_parallel_for(rows, dsv_grain(plan.shape[plan.rank - 1] * size), copy_rows, &plan);
}
