// The best k of each line. A list of candidates is kept, and the worst that can still matter; blocks without an element
// better than it, which are nearly all once the list has settled, cost one comparison an element. A short list is kept in
// order, each better element inserted where it belongs; a long one grows, and is cut back to k now and then.
#include <stdlib.h>

#include "../views/cursor.h"
#include "ds_sorting.h"
#include "ds_threads.h"
#include "entries.h"
#include "keys.h"
#include "lines.h"

enum {
  BLOCK = 128,         // elements looked at together
  STEP = 16,           // and where a block has a better one, so many
  SHORT_LIST = 64,     // up to so many are kept in order
  LEAST_ROOM = 1024,   // candidates beyond k before the list is cut back to k
  SORT_ALL_SHARE = 4,  // with k above a quarter of the line, sorting all of it is cheaper
};

typedef struct top_plan {
  const ds_view *x;
  dsv_lines lines;
  int64_t k, axis_stride, size, room;
  bool wide, largest, is_short;
  char *values;
  int64_t *indices;
  char *scratch;
  int64_t scratch_bytes, list_bytes;
} top_plan;

// Whether some element of a contiguous block might be better than the bound. May say yes too often (NaN), never no
// wrongly; the keys decide.
typedef bool (*block_test)(const void *block, const void *bound);

#define DEFINE_TEST_OF(name, count, type, LOAD, RELATION)                            \
  static bool name(const void *block, const void *bound) {                           \
    const type *x = block;                                                           \
    int any = 0;                                                                     \
    for (int i = 0; i < (count); i++) any |= !(LOAD(x[i]) RELATION LOAD(*(const type *)bound)); \
    return any;                                                                      \
  }
#define DEFINE_TEST(suffix, type, LOAD)                        \
  DEFINE_TEST_OF(above_##suffix, BLOCK, type, LOAD, <=)        \
  DEFINE_TEST_OF(below_##suffix, BLOCK, type, LOAD, >=)        \
  DEFINE_TEST_OF(step_above_##suffix, STEP, type, LOAD, <=)    \
  DEFINE_TEST_OF(step_below_##suffix, STEP, type, LOAD, >=)
#define SAME(value) (value)
DEFINE_TEST(float32, float, SAME)
DEFINE_TEST(float64, double, SAME)
DEFINE_TEST(float16, uint16_t, dsv_load_float16)
DEFINE_TEST(bfloat16, uint16_t, dsv_load_bfloat16)
DEFINE_TEST(int8, int8_t, SAME)
DEFINE_TEST(uint8, uint8_t, SAME)
DEFINE_TEST(int16, int16_t, SAME)
DEFINE_TEST(int32, int32_t, SAME)
DEFINE_TEST(int64, int64_t, SAME)

// By whether the greatest are wanted: for a block and for a step.
#define TESTS(suffix) \
  { {below_##suffix, step_below_##suffix}, {above_##suffix, step_above_##suffix} }
static const block_test tests[DS_BOOL + 1][2][2] = {
    [DS_FLOAT32] = TESTS(float32),   [DS_FLOAT64] = TESTS(float64), [DS_FLOAT16] = TESTS(float16),
    [DS_BFLOAT16] = TESTS(bfloat16), [DS_INT8] = TESTS(int8),       [DS_UINT8] = TESTS(uint8),
    [DS_INT16] = TESTS(int16),       [DS_INT32] = TESTS(int32),     [DS_INT64] = TESTS(int64),
    [DS_BOOL] = TESTS(uint8),
};

#define NAME(part) dsv_narrow_##part
#define ENTRY dsv_narrow_entry
#include "top_k.inc"
#undef NAME
#undef ENTRY
#define NAME(part) dsv_wide_##part
#define ENTRY dsv_wide_entry
#include "top_k.inc"

static void top_lines(void *context, int64_t begin, int64_t end, int32_t worker) {
  const top_plan *plan = context;
  char *scratch = plan->scratch + worker * plan->scratch_bytes;
  dsv_cursor cursor = dsv_cursor_at(plan->lines.shape, plan->x->strides, plan->lines.rank, begin);
  for (int64_t i = begin; i < end; i++, dsv_cursor_next(&cursor)) {
    int64_t out = dsv_line_start(&plan->lines, i, plan->k);
    dsv_line line = {.data = (const char *)plan->x->data + cursor.offset * plan->size, .length = plan->lines.length,
                     .stride = plan->axis_stride, .dtype = plan->x->dtype, .descending = plan->largest};
    char *values = plan->values == NULL ? NULL : plan->values + out * plan->size;
    int64_t *indices = plan->indices == NULL ? NULL : plan->indices + out;
    if (plan->wide) {
      dsv_wide_top(plan, &line, scratch, values, indices);
    } else {
      dsv_narrow_top(plan, &line, scratch, values, indices);
    }
  }
}

static bool fits(const ds_view *x, int32_t axis, int64_t k, const ds_view *out) {
  if (out->rank != x->rank) return false;
  for (int32_t i = 0; i < x->rank; i++) {
    if (out->shape[i] != (i == axis ? k : x->shape[i])) return false;
  }
  return true;
}

ds_status ds_top_k(const ds_view *x, int32_t axis, bool largest, const ds_view *values, const ds_view *indices) {
  ds_status status = dsv_check(x);
  if (status == DS_OK && values != NULL) status = dsv_check_output(values);
  if (status == DS_OK && indices != NULL) status = dsv_check_output(indices);
  if (status != DS_OK) return status;
  if (x->dtype > DS_BOOL || (values != NULL && values->dtype != x->dtype) ||
      (indices != NULL && indices->dtype != DS_INT64)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  const ds_view *either = values != NULL ? values : indices;
  if (either == NULL || !dsv_resolve_axis(&axis, x->rank) || either->rank != x->rank) return DS_INVALID_SHAPE;
  int64_t k = either->shape[axis], length = x->shape[axis];
  if (k > length || !fits(x, axis, k, either) || (indices != NULL && !fits(x, axis, k, indices))) {
    return DS_INVALID_SHAPE;
  }
  if (dsv_count(either) == 0) return DS_OK;
  top_plan plan = {.x = x, .lines = dsv_lines_of(x, axis), .k = k, .axis_stride = x->strides[axis],
                   .size = dsv_element_size(x->dtype), .wide = dsv_needs_wide(x->dtype, length), .largest = largest,
                   .values = values != NULL ? values->data : NULL,
                   .indices = indices != NULL ? indices->data : NULL};
  // Room for the candidates and one more block, or for the whole line.
  int64_t room = k > LEAST_ROOM ? 2 * k : k + LEAST_ROOM;
  plan.is_short = k <= SHORT_LIST && k <= length / SORT_ALL_SHARE;
  plan.room = plan.is_short ? SHORT_LIST : k > length / SORT_ALL_SHARE || room + BLOCK >= length ? length : room + BLOCK;
  int64_t entry = plan.wide ? (int64_t)sizeof(dsv_wide_entry) : (int64_t)sizeof(dsv_narrow_entry);
  int64_t histogram = DSV_HISTOGRAM * (int64_t)sizeof(int64_t);
  if (__builtin_mul_overflow(plan.room, entry, &plan.list_bytes) ||
      __builtin_mul_overflow(plan.list_bytes, 2, &plan.scratch_bytes) ||
      __builtin_add_overflow(plan.scratch_bytes, histogram, &plan.scratch_bytes)) {
    return DS_OUT_OF_MEMORY;
  }
  plan.scratch = dsv_allocate(ds_thread_count(), plan.scratch_bytes);
  if (plan.scratch == NULL) return DS_OUT_OF_MEMORY;
  ds_parallel_for(plan.lines.count, dsv_grain(length * plan.size), top_lines, &plan);
  free(plan.scratch);
  return DS_OK;
}
