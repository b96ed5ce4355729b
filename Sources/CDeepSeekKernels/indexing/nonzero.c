// The places of elements that are not zero.
#include <stdlib.h>

#include "../views/cursor.h"
#include "../views/views.h"
#include "ds_indexing.h"
#include "ds_threads.h"
#include "masks.h"

typedef struct count_plan {
  const void *data;
  int64_t size, count;
  uint64_t bits;
  int64_t *counts;
} count_plan;

#define COUNT_PIECE(type)                                                         \
  do {                                                                            \
    const type *values = (const type *)plan->data;                                \
    type bits = (type)plan->bits;                                                 \
    for (int64_t i = first; i < last; i++) total += (values[i] & bits) != 0;      \
  } while (0)

static void count_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const count_plan *plan = context;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t first = piece * DSV_MASK_PIECE, last = first + DSV_MASK_PIECE;
    if (last > plan->count) last = plan->count;
    uint32_t total = 0;
    switch (plan->size) {
      case 1: COUNT_PIECE(uint8_t); break;
      case 2: COUNT_PIECE(uint16_t); break;
      case 4: COUNT_PIECE(uint32_t); break;
      default: COUNT_PIECE(uint64_t); break;
    }
    plan->counts[piece] = total;
  }
}

int64_t dsv_count_nonzero(const void *data, int32_t dtype, int64_t count, int64_t *starts) {
  int64_t pieces = (count + DSV_MASK_PIECE - 1) / DSV_MASK_PIECE, total = 0;
  count_plan plan = {.data = data, .size = dsv_element_size(dtype), .count = count, .bits = dsv_value_bits(dtype),
                     .counts = starts};
  ds_parallel_for(pieces, dsv_grain(DSV_MASK_PIECE * plan.size), count_pieces, &plan);
  for (int64_t piece = 0; piece < pieces; piece++) {
    int64_t here = starts[piece];
    starts[piece] = total;
    total += here;
  }
  return total;
}

typedef struct fill_plan {
  const void *data;
  const ds_view *x;
  int64_t size, count;
  uint64_t bits;
  const int64_t *starts;
  int64_t *out;
} fill_plan;

static bool is_set(const fill_plan *plan, int64_t i) {
  switch (plan->size) {
    case 1: return (((const uint8_t *)plan->data)[i] & (uint8_t)plan->bits) != 0;
    case 2: return (((const uint16_t *)plan->data)[i] & (uint16_t)plan->bits) != 0;
    case 4: return (((const uint32_t *)plan->data)[i] & (uint32_t)plan->bits) != 0;
    default: return (((const uint64_t *)plan->data)[i] & plan->bits) != 0;
  }
}

static void fill_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const fill_plan *plan = context;
  int32_t rank = plan->x->rank;
  int64_t first = begin * DSV_MASK_PIECE, last = end * DSV_MASK_PIECE;
  if (last > plan->count) last = plan->count;
  int64_t *to = plan->out + plan->starts[begin] * rank;
  if (rank == 1) {
    for (int64_t i = first; i < last; i++) {
      if (is_set(plan, i)) *to++ = i;
    }
    return;
  }
  dsv_cursor place = dsv_cursor_at(plan->x->shape, plan->x->strides, rank, first);
  for (int64_t i = first; i < last; i++, dsv_cursor_next(&place)) {
    if (!is_set(plan, i)) continue;
    for (int32_t a = 0; a < rank; a++) to[a] = place.position[a];
    to += rank;
  }
}

ds_status ds_nonzero_count(const ds_view *x, int64_t *count) {
  *count = 0;
  ds_status status = dsv_check(x);
  if (status != DS_OK) return status;
  const void *packed;
  void *owned;
  status = dsv_pack(x, &packed, &owned);
  if (status != DS_OK) return status;
  int64_t total = dsv_count(x);
  int64_t *starts = dsv_allocate((total + DSV_MASK_PIECE - 1) / DSV_MASK_PIECE, sizeof(int64_t));
  if (starts == NULL) status = DS_OUT_OF_MEMORY;
  if (status == DS_OK) *count = dsv_count_nonzero(packed, x->dtype, total, starts);
  free(starts);
  free(owned);
  return status;
}

ds_status ds_nonzero(const ds_view *x, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype != DS_INT64) return DS_UNSUPPORTED_DTYPE;
  if (out->rank != 2 || out->shape[1] != x->rank) return DS_INVALID_SHAPE;
  const void *packed;
  void *owned;
  status = dsv_pack(x, &packed, &owned);
  if (status != DS_OK) return status;
  int64_t count = dsv_count(x), pieces = (count + DSV_MASK_PIECE - 1) / DSV_MASK_PIECE;
  int64_t *starts = dsv_allocate(pieces, sizeof(int64_t));
  if (starts == NULL) {
    status = DS_OUT_OF_MEMORY;
  } else if (dsv_count_nonzero(packed, x->dtype, count, starts) != out->shape[0]) {
    status = DS_INVALID_SHAPE;
  } else if (x->rank > 0) {
    fill_plan plan = {.data = packed, .x = x, .size = dsv_element_size(x->dtype), .count = count,
                      .bits = dsv_value_bits(x->dtype), .starts = starts, .out = out->data};
    ds_parallel_for(pieces, 1, fill_pieces, &plan);
  }
  free(starts);
  free(owned);
  return status;
}
