// Stacks of integer products: checks, and the rows of all matrices shared over the threads.
#include "ds_integer_gemm.h"

#include "../support/ds_choose.h"
#include "../views/cursor.h"
#include "../views/views.h"
#include "ds_threads.h"
#include "rows.h"

// Pieces of fewer multiplications than this are not worth waking a thread for.
enum { GRAIN_PRODUCTS = 1 << 16 };

typedef struct stack {
  const ds_view *a, *b, *out;
  int64_t m, n, k, size;
  void (*rows)(const ds_integer_rows *product);
} stack;

// Rows of the matrices as they stand below one another.
static void multiply_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const stack *s = context;
  int32_t leading = s->out->rank - 2;
  while (begin < end) {
    int64_t matrix = begin / s->m, row = begin % s->m;
    int64_t count = s->m - row < end - begin ? s->m - row : end - begin;
    int64_t a = dsv_cursor_at(s->out->shape, s->a->strides, leading, matrix).offset + row * s->a->strides[leading];
    int64_t b = dsv_cursor_at(s->out->shape, s->b->strides, leading, matrix).offset;
    ds_integer_rows product = {
        .m = count, .n = s->n, .k = s->k,
        .a = (const char *)s->a->data + a * s->size, .a_row = s->a->strides[leading],
        .a_column = s->a->strides[leading + 1],
        .b = (const char *)s->b->data + b * s->size, .b_row = s->b->strides[leading],
        .c = (char *)s->out->data + begin * s->n * s->size};
    s->rows(&product);
    begin += count;
  }
}

ds_status ds_integer_gemm(const ds_view *a, const ds_view *b, const ds_view *out) {
  ds_status status = dsv_check(a);
  if (status == DS_OK) status = dsv_check(b);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  if (out->dtype < DS_INT8 || out->dtype > DS_INT64 || a->dtype != out->dtype || b->dtype != out->dtype) {
    return DS_UNSUPPORTED_DTYPE;
  }
  int32_t leading = out->rank - 2;
  if (leading < 0 || a->rank != out->rank || b->rank != out->rank) return DS_INVALID_SHAPE;
  for (int32_t i = 0; i < leading; i++) {
    if (a->shape[i] != out->shape[i] || b->shape[i] != out->shape[i]) return DS_INVALID_SHAPE;
  }
  int64_t m = out->shape[leading], n = out->shape[leading + 1], k = a->shape[leading + 1];
  if (a->shape[leading] != m || b->shape[leading] != k || b->shape[leading + 1] != n) return DS_INVALID_SHAPE;
  if (n > 1 && k > 0 && b->strides[leading + 1] != 1) return DS_INVALID_SHAPE;
  if (dsv_count(out) == 0) return DS_OK;
  int64_t size = dsv_element_size(out->dtype);
  const ds_integer_table *table = DS_CHOOSE(ds_integer);
  stack s = {.a = a, .b = b, .out = out, .m = m, .n = n, .k = k, .size = size,
             .rows = table->rows[size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3]};
  int64_t products;
  if (__builtin_mul_overflow(n, k, &products) || products < 1) products = 1;
  int64_t grain = GRAIN_PRODUCTS / products;
  ds_parallel_for(dsv_count(out) / n, grain < 4 ? 4 : grain, multiply_rows, &s);
  return DS_OK;
}
