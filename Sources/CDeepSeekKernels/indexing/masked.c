// Selecting, replacing and filling by a boolean mask.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_indexing.h"
#include "ds_threads.h"
#include "masks.h"

typedef struct mask_plan {
  const void *x;  // or the source of a scatter
  const void *value;  // one element, of a fill
  const uint8_t *mask;
  const int64_t *starts;
  void *out;
  int64_t size, count;
} mask_plan;

#define SELECT(type)                                                                       \
  do {                                                                                     \
    const type *from = plan->x;                                                            \
    type *to = (type *)plan->out + plan->starts[begin];                                    \
    for (int64_t i = first; i < last; i++) {                                               \
      if (plan->mask[i]) *to++ = from[i];                                                  \
    }                                                                                      \
  } while (0)

#define SCATTER(type)                                                                      \
  do {                                                                                     \
    const type *from = (const type *)plan->x + plan->starts[begin];                        \
    type *to = plan->out;                                                                  \
    for (int64_t i = first; i < last; i++) {                                               \
      if (plan->mask[i]) to[i] = *from++;                                                  \
    }                                                                                      \
  } while (0)

#define FILL(type)                                                                         \
  do {                                                                                     \
    const type *from = plan->x;                                                            \
    type value = *(const type *)plan->value, *to = plan->out;                              \
    for (int64_t i = begin; i < end; i++) to[i] = plan->mask[i] ? value : from[i];         \
  } while (0)

#define FOR_SIZE(MACRO)                     \
  switch (plan->size) {                     \
    case 1: MACRO(uint8_t); break;          \
    case 2: MACRO(uint16_t); break;         \
    case 4: MACRO(uint32_t); break;         \
    default: MACRO(uint64_t); break;        \
  }

static void select_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const mask_plan *plan = context;
  int64_t first = begin * DSV_MASK_PIECE, last = end * DSV_MASK_PIECE;
  if (last > plan->count) last = plan->count;
  FOR_SIZE(SELECT)
}

static void scatter_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const mask_plan *plan = context;
  int64_t first = begin * DSV_MASK_PIECE, last = end * DSV_MASK_PIECE;
  if (last > plan->count) last = plan->count;
  FOR_SIZE(SCATTER)
}

static void fill_elements(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const mask_plan *plan = context;
  FOR_SIZE(FILL)
}

static ds_status check(const ds_view *x, const ds_view *mask, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check(mask);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (mask->dtype != DS_BOOL || out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  return dsv_same_shape(x, mask) ? DS_OK : DS_INVALID_SHAPE;
}

ds_status ds_masked_select(const ds_view *x, const ds_view *mask, const ds_view *out) {
  ds_status status = check(x, mask, out);
  if (status != DS_OK) return status;
  if (out->rank != 1) return DS_INVALID_SHAPE;
  mask_plan plan = {.out = out->data, .size = dsv_element_size(x->dtype), .count = dsv_count(x)};
  int64_t pieces = (plan.count + DSV_MASK_PIECE - 1) / DSV_MASK_PIECE;
  const void *packed_mask;
  void *owned_mask, *owned_x = NULL;
  int64_t *starts = dsv_allocate(pieces, sizeof(int64_t));
  status = dsv_pack(mask, &packed_mask, &owned_mask);
  if (status == DS_OK) status = dsv_pack(x, &plan.x, &owned_x);
  if (starts == NULL) status = DS_OUT_OF_MEMORY;
  if (status == DS_OK && dsv_count_nonzero(packed_mask, DS_BOOL, plan.count, starts) != out->shape[0]) {
    status = DS_INVALID_SHAPE;
  }
  if (status == DS_OK) {
    plan.mask = packed_mask;
    plan.starts = starts;
    ds_parallel_for(pieces, 1, select_pieces, &plan);
  }
  free(starts);
  free(owned_mask);
  free(owned_x);
  return status;
}

ds_status ds_masked_scatter(const ds_view *x, const ds_view *mask, const ds_view *source, const ds_view *out) {
  ds_status status = check(x, mask, out);
  if (status == DS_OK) status = dsv_check(source);
  if (status != DS_OK) return status;
  if (source->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (!dsv_same_shape(x, out)) return DS_INVALID_SHAPE;
  mask_plan plan = {.out = out->data, .size = dsv_element_size(x->dtype), .count = dsv_count(x)};
  int64_t pieces = (plan.count + DSV_MASK_PIECE - 1) / DSV_MASK_PIECE;
  const void *packed_mask;
  void *owned_mask, *owned_source = NULL;
  int64_t *starts = dsv_allocate(pieces, sizeof(int64_t));
  status = dsv_pack(mask, &packed_mask, &owned_mask);
  if (status == DS_OK) status = dsv_pack(source, &plan.x, &owned_source);
  if (starts == NULL) status = DS_OUT_OF_MEMORY;
  if (status == DS_OK && dsv_count_nonzero(packed_mask, DS_BOOL, plan.count, starts) > dsv_count(source)) {
    status = DS_INVALID_SHAPE;
  }
  if (status == DS_OK) status = dsv_copy_view(x, out);
  if (status == DS_OK) {
    plan.mask = packed_mask;
    plan.starts = starts;
    ds_parallel_for(pieces, 1, scatter_pieces, &plan);
  }
  free(starts);
  free(owned_mask);
  free(owned_source);
  return status;
}

ds_status ds_masked_fill(const ds_view *x, const ds_view *mask, const void *value, const ds_view *out) {
  ds_status status = check(x, mask, out);
  if (status != DS_OK) return status;
  if (!dsv_same_shape(x, out)) return DS_INVALID_SHAPE;
  const void *packed_mask;
  void *owned_mask;
  status = dsv_pack(mask, &packed_mask, &owned_mask);
  bool contiguous = dsv_is_contiguous(x);
  if (status == DS_OK && !contiguous) status = dsv_copy_view(x, out);
  if (status == DS_OK) {
    mask_plan plan = {.x = contiguous ? x->data : out->data, .value = value, .mask = packed_mask, .out = out->data,
                      .size = dsv_element_size(x->dtype)};
    ds_parallel_for(dsv_count(x), dsv_grain(plan.size), fill_elements, &plan);
  }
  free(owned_mask);
  return status;
}
