// Three ways to share the work, none of which lets two threads meet in one element: by outer entry, by column, or, for
// narrow rows, by target row (each thread reads all indices and keeps those that are its own).
#include "scatter_rows.h"

#include <stdlib.h>

#include "../views/views.h"
#include "combine.h"
#include "ds_threads.h"

// Columns are shared in units of this many, so that threads seldom meet in a cache line.
enum { COLUMN_UNIT = 64 };

// The part of the work that one call does: a block of columns, and the target rows in first ..< last.
typedef struct row_part {
  void *out;
  const void *source;
  int64_t begin, end, first, last;
} row_part;

typedef void (*combine_rows)(const dsv_row_scatter *work, row_part part);

#define DEFINE_ROWS(name, type, expression)                                                        \
  static void name(const dsv_row_scatter *work, row_part part) {                                   \
    type *out = part.out;                                                                          \
    const type *source = part.source;                                                              \
    for (int64_t i = 0; i < work->count; i++) {                                                    \
      int64_t row = work->index[i];                                                                \
      if (row < part.first || row >= part.last || row == work->skip) continue;                     \
      type *restrict to = out + row * work->width;                                                 \
      const type *restrict from = source + i * work->width;                                        \
      for (int64_t j = part.begin; j < part.end; j++) to[j] = expression;                          \
    }                                                                                              \
  }

DEFINE_ROWS(set_8, uint8_t, from[j])
DEFINE_ROWS(set_16, uint16_t, from[j])
DEFINE_ROWS(set_32, uint32_t, from[j])
DEFINE_ROWS(set_64, uint64_t, from[j])
#define DEFINE_ALL(dtype, suffix, type)                                              \
  DEFINE_ROWS(add_##suffix, type, dsv_add_##suffix(to[j], from[j]))                  \
  DEFINE_ROWS(multiply_##suffix, type, dsv_multiply_##suffix(to[j], from[j]))        \
  DEFINE_ROWS(max_##suffix, type, dsv_max_##suffix(to[j], from[j]))                  \
  DEFINE_ROWS(min_##suffix, type, dsv_min_##suffix(to[j], from[j]))
DSV_ARITHMETIC_TYPES(DEFINE_ALL)

static combine_rows rows_for(int32_t dtype, ds_scatter_mode mode) {
#define ROW(dtype, suffix, type) [dtype] = {add_##suffix, multiply_##suffix, max_##suffix, min_##suffix},
  static const combine_rows combining[DS_DTYPE_COUNT][4] = {DSV_ARITHMETIC_TYPES(ROW)};
#undef ROW
  if (mode >= DS_SCATTER_ADD && mode <= DS_SCATTER_MIN) return combining[dtype][mode - DS_SCATTER_ADD];
  if (mode != DS_SCATTER_SET) return NULL;
  switch (dsv_element_size(dtype)) {
    case 1: return set_8;
    case 2: return set_16;
    case 4: return set_32;
    default: return set_64;
  }
}

typedef struct row_plan {
  const dsv_row_scatter *work;
  combine_rows combine;
  int64_t size, entry;  // entry: the outer entry at hand
  const int64_t *order;
} row_plan;

static row_part part_of(const row_plan *plan, int64_t entry) {
  const dsv_row_scatter *work = plan->work;
  return (row_part){.out = (char *)work->out + entry * work->rows * work->width * plan->size,
                    .source = (const char *)work->source + entry * work->count * work->width * plan->size,
                    .end = work->width, .last = work->rows};
}

static void share_outer(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const row_plan *plan = context;
  for (int64_t entry = begin; entry < end; entry++) plan->combine(plan->work, part_of(plan, entry));
}

static void share_columns(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const row_plan *plan = context;
  row_part part = part_of(plan, plan->entry);
  part.begin = begin * COLUMN_UNIT;
  part.end = end * COLUMN_UNIT < part.end ? end * COLUMN_UNIT : part.end;
  plan->combine(plan->work, part);
}

static void share_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const row_plan *plan = context;
  row_part part = part_of(plan, plan->entry);
  part.first = begin;
  part.last = end;
  plan->combine(plan->work, part);
}

// Halves: the source rows of one target row are summed in float32, a unit of columns at a time. The range counts
// pairs of an outer entry and a unit.
static void add_halves(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const row_plan *plan = context;
  const dsv_row_scatter *work = plan->work;
  bool brain = work->dtype == DS_BFLOAT16;
  int64_t units = (work->width + COLUMN_UNIT - 1) / COLUMN_UNIT;
  for (int64_t pair = begin; pair < end; pair++) {
    row_part part = part_of(plan, pair / units);
    int64_t first = pair % units * COLUMN_UNIT;
    int64_t width = work->width - first < COLUMN_UNIT ? work->width - first : COLUMN_UNIT;
    for (int64_t i = 0; i < work->count;) {
      int64_t row = work->index[plan->order[i]];
      uint16_t *to = (uint16_t *)part.out + row * work->width + first;
      float sums[COLUMN_UNIT];
      for (int64_t j = 0; j < width; j++) sums[j] = brain ? dsv_load_bfloat16(to[j]) : dsv_load_float16(to[j]);
      for (; i < work->count && work->index[plan->order[i]] == row; i++) {
        const uint16_t *from = (const uint16_t *)part.source + plan->order[i] * work->width + first;
        for (int64_t j = 0; j < width; j++) sums[j] += brain ? dsv_load_bfloat16(from[j]) : dsv_load_float16(from[j]);
      }
      if (row == work->skip) continue;
      for (int64_t j = 0; j < width; j++) to[j] = brain ? dsv_store_bfloat16(sums[j]) : dsv_store_float16(sums[j]);
    }
  }
}

ds_status dsv_scatter_rows(const dsv_row_scatter *work) {
  row_plan plan = {.work = work, .size = dsv_element_size(work->dtype), .combine = rows_for(work->dtype, work->mode)};
  if (plan.combine == NULL) return DS_UNSUPPORTED_DTYPE;
  if (work->outer == 0 || work->count == 0 || work->width == 0) return DS_OK;
  int64_t units = (work->width + COLUMN_UNIT - 1) / COLUMN_UNIT;
  int64_t row_bytes = work->width * plan.size + (int64_t)sizeof(int64_t);

  if (work->mode == DS_SCATTER_ADD && (work->dtype == DS_FLOAT16 || work->dtype == DS_BFLOAT16)) {
    int64_t *order = dsv_allocate(work->count, sizeof(int64_t));
    if (order == NULL || !dsv_order_indices(work->index, work->count, work->rows, order)) {
      free(order);
      return DS_OUT_OF_MEMORY;
    }
    plan.order = order;
    ds_parallel_for(work->outer * units, dsv_grain(work->count * COLUMN_UNIT * plan.size), add_halves, &plan);
    free(order);
    return DS_OK;
  }
  if (work->outer >= ds_thread_count()) {
    ds_parallel_for(work->outer, dsv_grain(work->count * row_bytes), share_outer, &plan);
    return DS_OK;
  }
  for (plan.entry = 0; plan.entry < work->outer; plan.entry++) {
    if (units >= 2) {
      ds_parallel_for(units, dsv_grain(work->count * COLUMN_UNIT * plan.size), share_columns, &plan);
    } else {
      // Each piece reads every index, so there are no more pieces than threads.
      int64_t pieces = ds_thread_count(), most = work->count / dsv_grain(row_bytes);
      if (pieces > most) pieces = most;
      int64_t grain = pieces < 1 ? work->rows : (work->rows + pieces - 1) / pieces;
      ds_parallel_for(work->rows, grain, share_rows, &plan);
    }
  }
  return DS_OK;
}
