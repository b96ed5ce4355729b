// Distinct elements: a sort, after which equal ones are neighbours.
#include <stdlib.h>

#include "ds_sorting.h"
#include "ds_threads.h"
#include "../views/views.h"
#include "keys.h"

typedef struct unique_walk {
  const void *x;           // packed
  const int64_t *order;    // positions in sorted order
  int64_t count;
  void *values;
  int64_t *inverse, *counts;
} unique_walk;

#define WALK(dtype_case, suffix, type)                                                                 \
  case dtype_case: {                                                                                   \
    const type *x = walk->x;                                                                           \
    type *values = walk->values;                                                                       \
    for (int64_t i = 0; i < walk->count; i++) {                                                        \
      type element = x[walk->order[i]];                                                                \
      if (found == 0 || dsv_key_##suffix(values[found - 1]) != dsv_key_##suffix(element)) {            \
        values[found] = element;                                                                       \
        if (walk->counts != NULL) walk->counts[found] = 0;                                             \
        found++;                                                                                       \
      }                                                                                                \
      if (walk->counts != NULL) walk->counts[found - 1]++;                                             \
      if (walk->inverse != NULL) walk->inverse[walk->order[i]] = found - 1;                            \
    }                                                                                                  \
    break;                                                                                             \
  }

static int64_t walk_runs(const unique_walk *walk, int32_t dtype) {
  int64_t found = 0;
  switch (dtype) {
    DSV_NARROW_KEY_TYPES(WALK)
    DSV_WIDE_KEY_TYPES(WALK)
    default: break;
  }
  return found;
}

ds_status ds_unique(const ds_view *x, const ds_view *values, const ds_view *inverse, const ds_view *counts,
                    int64_t *count) {
  *count = 0;
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(values);
  if (status == DS_OK && inverse != NULL) status = dsv_check_output(inverse);
  if (status == DS_OK && counts != NULL) status = dsv_check_output(counts);
  if (status != DS_OK) return status;
  if (x->dtype > DS_BOOL || values->dtype != x->dtype || (inverse != NULL && inverse->dtype != DS_INT64) ||
      (counts != NULL && counts->dtype != DS_INT64)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  int64_t total = dsv_count(x);
  if (values->rank != 1 || values->shape[0] != total || (inverse != NULL && !dsv_same_shape(x, inverse)) ||
      (counts != NULL && (counts->rank != 1 || counts->shape[0] != total))) {
    return DS_INVALID_SHAPE;
  }
  if (total == 0) return DS_OK;
  const void *packed;
  void *owned;
  status = dsv_pack(x, &packed, &owned);
  int64_t *order = dsv_allocate(total, sizeof(int64_t));
  if (order == NULL) status = DS_OUT_OF_MEMORY;
  if (status == DS_OK) {
    ds_view flat = {.data = (void *)packed, .dtype = x->dtype, .rank = 1, .shape = {total}, .strides = {1}};
    ds_view order_view = {.data = order, .dtype = DS_INT64, .rank = 1, .shape = {total}, .strides = {1}};
    status = ds_sort(&flat, 0, false, NULL, &order_view);
  }
  if (status == DS_OK) {
    unique_walk walk = {.x = packed, .order = order, .count = total, .values = values->data,
                        .inverse = inverse != NULL ? inverse->data : NULL,
                        .counts = counts != NULL ? counts->data : NULL};
    *count = walk_runs(&walk, x->dtype);
  }
  free(order);
  free(owned);
  return status;
}
