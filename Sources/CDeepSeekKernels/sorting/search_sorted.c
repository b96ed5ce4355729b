// Binary search of many values in sorted lists.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_sorting.h"
#include "ds_threads.h"
#include "keys.h"

typedef struct search_plan {
  const void *sorted, *values;
  int64_t *out;
  int64_t length, per_list;  // of a list, and the values looked up in each
  int32_t dtype;
  bool right;
} search_plan;

// The halving has no branch on the comparison, which random values would mispredict half the time.
#define SEARCH(dtype_case, suffix, type)                                                              \
  case dtype_case: {                                                                                  \
    const type *values = plan->values;                                                                \
    for (int64_t i = begin; i < end; i++) {                                                           \
      const type *list = (const type *)plan->sorted + i / plan->per_list * plan->length, *at = list;  \
      type key = dsv_key_##suffix(values[i]);                                                         \
      int64_t length = plan->length;                                                                  \
      while (length > 0) {                                                                            \
        int64_t half = (length + 1) / 2;                                                              \
        type middle = dsv_key_##suffix(at[half - 1]);                                                 \
        bool before = plan->right ? middle <= key : middle < key;                                     \
        at += before ? half : 0;                                                                      \
        length = before ? length - half : half - 1;                                                   \
      }                                                                                               \
      plan->out[i] = at - list;                                                                       \
    }                                                                                                 \
    break;                                                                                            \
  }

static void search_values(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const search_plan *plan = context;
  switch (plan->dtype) {
    DSV_NARROW_KEY_TYPES(SEARCH)
    DSV_WIDE_KEY_TYPES(SEARCH)
    default: break;
  }
}

ds_status ds_search_sorted(const ds_view *sorted, const ds_view *values, bool right, const ds_view *out) {
  ds_status status = dsv_check(sorted);
  if (status == DS_OK) status = dsv_check(values);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (sorted->dtype != values->dtype || sorted->dtype > DS_BOOL || out->dtype != DS_INT64) return DS_UNSUPPORTED_DTYPE;
  if (sorted->rank < 1 || !dsv_same_shape(values, out)) return DS_INVALID_SHAPE;
  if (sorted->rank > 1) {
    if (values->rank != sorted->rank) return DS_INVALID_SHAPE;
    for (int32_t i = 0; i + 1 < sorted->rank; i++) {
      if (values->shape[i] != sorted->shape[i]) return DS_INVALID_SHAPE;
    }
  }
  int64_t count = dsv_count(values);
  if (count == 0) return DS_OK;
  search_plan plan = {.out = out->data, .length = sorted->shape[sorted->rank - 1], .dtype = sorted->dtype,
                      .right = right, .per_list = sorted->rank > 1 ? values->shape[values->rank - 1] : count};
  void *owned_sorted, *owned_values = NULL;
  status = dsv_pack(sorted, &plan.sorted, &owned_sorted);
  if (status == DS_OK) status = dsv_pack(values, &plan.values, &owned_values);
  // A search costs about as much as moving a few hundred bytes.
  if (status == DS_OK) ds_parallel_for(count, dsv_grain(256), search_values, &plan);
  free(owned_sorted);
  free(owned_values);
  return status;
}
