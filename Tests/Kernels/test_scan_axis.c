// Argmax, argmin and cumulative operations along every axis, layout and dtype, against plain loops.
#include "check.h"
#include "ds_reduce.h"
#include "layouts.h"

static void test_case(const int64_t *shape, int32_t axis, ds_dtype dtype, int layout) {
  int64_t count = shape[0] * shape[1] * shape[2], length = shape[axis], outer = 1, inner = 1;
  for (int32_t d = 0; d < axis; d++) outer *= shape[d];
  for (int32_t d = axis + 1; d < 3; d++) inner *= shape[d];
  size_t room = (size_t)(count + 1) * sizeof(double);
  double *x = malloc(room), *actual = malloc(room);
  uint64_t state = 11;
  bool real = dtype <= DS_BFLOAT16;
  for (int64_t i = 0; i < count; i++) {  // few different values, so that equals abound
    double v = pseudo_random(&state);
    x[i] = dtype == DS_BOOL ? v > 0 : dtype == DS_UINT8 ? (double)(int)(v * 10 + 10) : (double)(int)(v * 20);
    if (real && v > 0.99) x[i] = NAN;
  }
  layout_tensor t = make_layout(x, dtype, 3, shape, layout);
  int64_t reduced[3] = {shape[0], shape[1], shape[2]};
  reduced[axis] = 1;
  int64_t *at = malloc((size_t)(outer * inner + 1) * sizeof *at);
  ds_view out = shaped_view(at, DS_INT64, 3, reduced);
  for (int op = DS_ARGMAX; op <= DS_ARGMIN; op++) {
    ds_status status = ds_arg_reduce((ds_arg_op)op, &t.view, axis, &out);
    if (length == 0 && outer * inner > 0) {
      CHECK(status == DS_INVALID_SHAPE, "an empty axis: %d", status);
      continue;
    }
    CHECK(status == DS_OK, "status %d", status);
    for (int64_t k = 0; k < outer * inner; k++) {
      const double *line = x + k / inner * length * inner + k % inner;
      int64_t best = 0;
      for (int64_t i = 1; i < length; i++) {
        double v = line[i * inner], b = line[best * inner];
        if (b == b && (v != v || (op == DS_ARGMAX ? v > b : v < b))) best = i;
      }
      CHECK(at[k] == best, "arg%s axis %d dtype %d %s line %d: %d, not %d", op ? "min" : "max", axis, dtype,
            layout_names[layout], (int)k, (int)at[k], (int)best);
    }
  }
  ds_dtype to = real ? dtype : DS_INT64;
  void *memory = malloc((size_t)(count * 8 + 1));
  ds_view all = shaped_view(memory, to, 3, shape);
  double error = dtype == DS_FLOAT16 ? 5e-4 : dtype == DS_BFLOAT16 ? 4e-3 : dtype == DS_FLOAT32 ? 6e-8 : 0;
  for (int op = DS_CUMULATIVE_SUM; op <= DS_CUMULATIVE_MIN; op++) {
    if (op == DS_CUMULATIVE_PRODUCT && !real && length > 8) continue;  // past what a double can tell
    CHECK(ds_cumulative((ds_cumulative_op)op, &t.view, axis, &all) == DS_OK, "cumulative %d", op);
    read_layout(&all, actual);
    for (int64_t k = 0; k < outer * inner; k++) {
      int64_t base = k / inner * length * inner + k % inner;
      double total = 0;
      for (int64_t i = 0; i < length; i++) {
        double v = x[base + i * inner];
        if (i == 0) total = v;
        else if (op == DS_CUMULATIVE_SUM) total += v;
        else if (op == DS_CUMULATIVE_PRODUCT) total *= v;
        else if (op == DS_CUMULATIVE_MAX) total = total != total || v != v ? NAN : fmax(total, v);
        else total = total != total || v != v ? NAN : fmin(total, v);
        double expected = dtype == DS_FLOAT16 && fabs(total) >= 65520 ? copysign(HUGE_VAL, total)
                          : to <= DS_BFLOAT16 && to != DS_FLOAT64 ? (fabs(total) > 3.3e38 ? copysign(HUGE_VAL, total) : total)
                                                                   : total;
        CHECK_CLOSE(actual[base + i * inner], expected, 0, error, "cumulative %d axis %d dtype %d %s element %d", op, axis,
                    dtype, layout_names[layout], (int)i);
      }
    }
  }
  free(t.memory), free(x), free(actual), free(at), free(memory);
}

int main(void) {
  const int64_t shapes[][3] = {{3, 5, 7}, {2, 40, 17}, {1, 1, 1}, {1, 3, 1300}, {2, 3, 600}, {2, 0, 3}};
  for (int dtype = 0; dtype < 10; dtype++) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
      for (int32_t axis = 0; axis < 3; axis++) {
        for (int layout = 0; layout < LAYOUTS; layout++) test_case(shapes[s], axis, (ds_dtype)dtype, layout);
      }
    }
  }
  float x[2] = {1, 2};
  int64_t at[2];
  ds_view in = vector_view(x, DS_FLOAT32, 2), out = vector_view(at, DS_INT64, 2);
  CHECK(ds_arg_reduce(DS_ARGMAX, &in, 0, &out) == DS_INVALID_SHAPE, "an output of another shape");
  CHECK(ds_arg_reduce(DS_ARGMAX, &in, 1, &out) == DS_INVALID_SHAPE, "an axis that is not there");
  return check_summary();
}
