// The lower or upper triangle of each matrix.
#include "../views/copy_row.h"
#include "../views/cursor.h"
#include "../views/views.h"
#include "ds_indexing.h"
#include "ds_threads.h"

typedef struct triangle_plan {
  const ds_view *x;
  char *out;
  int64_t size, offset;
  bool upper;
} triangle_plan;

static void triangle_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const triangle_plan *plan = context;
  int32_t last = plan->x->rank - 1;
  int64_t columns = plan->x->shape[last], stride = plan->x->strides[last], size = plan->size;
  dsv_cursor place = dsv_cursor_at(plan->x->shape, plan->x->strides, last, begin);
  for (int64_t row = begin; row < end; row++, dsv_cursor_next(&place)) {
    // Columns first ..< kept stay: from the diagonal on, or up to it and with it.
    int64_t diagonal = place.position[last - 1] + plan->offset + !plan->upper;
    if (diagonal < 0) diagonal = 0;
    if (diagonal > columns) diagonal = columns;
    int64_t first = plan->upper ? diagonal : 0, kept = plan->upper ? columns : diagonal;
    char *to = plan->out + row * columns * size;
    const char *from = (const char *)plan->x->data + place.offset * size;
    if (to != from) dsv_copy_row(to + first * size, 1, from + first * stride * size, stride, kept - first, size);
    memset(to, 0, (size_t)(first * size));
    memset(to + kept * size, 0, (size_t)((columns - kept) * size));
  }
}

ds_status ds_triangular(const ds_view *x, int64_t offset, bool upper, const ds_view *out) {
  ds_status status = dsv_check(x);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  if (x->rank < 2 || !dsv_same_shape(x, out)) return DS_INVALID_SHAPE;
  if (dsv_count(x) == 0) return DS_OK;
  // No matrix is larger than this, and the sum with a row number cannot overflow.
  int64_t limit = (int64_t)1 << 62;
  triangle_plan plan = {.x = x, .out = out->data, .size = dsv_element_size(x->dtype), .upper = upper,
                        .offset = offset < -limit ? -limit : offset > limit ? limit : offset};
  ds_parallel_for(dsv_extent(x, 0, x->rank - 1), dsv_grain(x->shape[x->rank - 1] * plan.size), triangle_rows, &plan);
  return DS_OK;
}
