// Softmax and its logarithm along every axis, layout and dtype, forward and backward, against wider arithmetic.
#include "ds_softmax.h"

#include "check.h"
#include "layouts.h"
#include "precise.h"

static void lines_of(int32_t rank, const int64_t *shape, int32_t axis, int64_t *outer, int64_t *inner) {
  *outer = *inner = 1;
  for (int32_t d = 0; d < axis; d++) *outer *= shape[d];
  for (int32_t d = axis + 1; d < rank; d++) *inner *= shape[d];
}

static void test_case(int32_t rank, const int64_t *shape, int32_t axis, ds_dtype dtype, int layout) {
  int64_t count = 1, outer, inner, length = shape[axis];
  for (int32_t d = 0; d < rank; d++) count *= shape[d];
  lines_of(rank, shape, axis, &outer, &inner);
  size_t room = (size_t)(count + 1) * sizeof(double);
  double *values = malloc(room), *x = malloc(room), *y = malloc(room), *dy = malloc(room), *actual = malloc(room);
  uint64_t state = 5;
  for (int64_t i = 0; i < count; i++) {
    values[i] = 8 * pseudo_random(&state);
    dy[i] = pseudo_random(&state);
  }
  layout_tensor tx = make_layout(values, dtype, rank, shape, layout);
  layout_tensor tdy = make_layout(dy, dtype, rank, shape, (layout + 1) % LAYOUTS);
  read_layout(&tx.view, x);
  read_layout(&tdy.view, dy);
  void *memory = malloc((size_t)(count * layout_sizes[dtype] + 1));
  ds_view out = shaped_view(memory, dtype, rank, shape);
  double error = dtype == DS_FLOAT64 ? 1e-14 : dtype == DS_FLOAT32 ? 1e-6 : dtype == DS_FLOAT16 ? 6e-4 : 4e-3;
  for (int logarithm = 0; logarithm < 2; logarithm++) {
    ds_status status = logarithm ? ds_log_softmax(&tx.view, axis, &out) : ds_softmax(&tx.view, axis, &out);
    CHECK(status == DS_OK, "status %d", status);
    read_layout(&out, actual);
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t j = 0; j < inner; j++) {
        precise largest = -(precise)HUGE_VAL, sum = 0;
        for (int64_t k = 0; k < length; k++) largest = fmax(largest, x[(o * length + k) * inner + j]);
        for (int64_t k = 0; k < length; k++) sum += exp(x[(o * length + k) * inner + j] - largest);
        for (int64_t k = 0; k < length; k++) {
          int64_t i = (o * length + k) * inner + j;
          y[i] = (double)(logarithm ? x[i] - largest - log(sum) : exp(x[i] - largest) / sum);
          CHECK_CLOSE(actual[i], y[i], logarithm ? error * 4 : error * 0.01, error * 2,
                      "%ssoftmax dtype %d axis %d of rank %d, %s, element %d", logarithm ? "log " : "", dtype, axis, rank,
                      layout_names[layout], (int)i);
        }
      }
    }
    layout_tensor ty = make_layout(y, dtype, rank, shape, layout);
    read_layout(&ty.view, y);
    status = logarithm ? ds_log_softmax_backward(&ty.view, &tdy.view, axis, &out)
                       : ds_softmax_backward(&ty.view, &tdy.view, axis, &out);
    CHECK(status == DS_OK, "status %d", status);
    read_layout(&out, actual);
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t j = 0; j < inner; j++) {
        precise dot = 0;
        for (int64_t k = 0; k < length; k++) {
          int64_t i = (o * length + k) * inner + j;
          dot += logarithm ? dy[i] : (precise)y[i] * dy[i];
        }
        for (int64_t k = 0; k < length; k++) {
          int64_t i = (o * length + k) * inner + j;
          precise expected = logarithm ? dy[i] - exp(y[i]) * dot : y[i] * (dy[i] - dot);
          CHECK_CLOSE(actual[i], (double)expected, error * (logarithm ? 4 + fabs((double)dot) : 1), error * 2,
                      "slope of %ssoftmax dtype %d axis %d of rank %d, %s, element %d", logarithm ? "log " : "", dtype,
                      axis, rank, layout_names[layout], (int)i);
        }
      }
    }
    free(ty.memory);
  }
  free(tx.memory), free(tdy.memory), free(memory);
  free(values), free(x), free(y), free(dy), free(actual);
}

static void test_special(void) {
  float x[35], y[35];
  ds_view in = vector_view(x, DS_FLOAT32, 35), out = vector_view(y, DS_FLOAT32, 35);
  for (int i = 0; i < 35; i++) x[i] = -INFINITY;
  ds_softmax(&in, 0, &out);
  for (int i = 0; i < 35; i++) CHECK(y[i] != y[i], "a line of -infinity gives %g", y[i]);
  x[3] = 2;
  ds_softmax(&in, 0, &out);
  for (int i = 0; i < 35; i++) CHECK(y[i] == (i == 3), "one finite element among -infinity: %g at %d", y[i], i);
  for (int i = 0; i < 35; i++) x[i] = 3e38f;
  ds_softmax(&in, 0, &out);
  for (int i = 0; i < 35; i++) CHECK_CLOSE(y[i], 1.0 / 35, 0, 1e-6, "huge equal elements");
  ds_softmax(&in, 0, &in);
  CHECK(memcmp(x, y, sizeof x) == 0, "in place differs");
  x[34] = NAN;
  ds_log_softmax(&in, 0, &out);
  for (int i = 0; i < 35; i++) CHECK(y[i] != y[i], "NaN does not spread: %g", y[i]);
  CHECK(ds_softmax(&in, 1, &out) == DS_INVALID_SHAPE, "an axis that is not there");
}

int main(void) {
  const ds_dtype dtypes[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};
  const int64_t shapes[][3] = {{3, 5, 7}, {2, 33, 70}, {1, 1, 1}, {2, 3, 1100}, {2, 600, 2}, {2, 3, 600}, {2, 0, 3}};
  for (int t = 0; t < 4; t++) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
      for (int32_t axis = 0; axis < 3; axis++) {
        for (int layout = 0; layout < LAYOUTS; layout++) test_case(3, shapes[s], axis, dtypes[t], layout);
      }
    }
  }
  test_special();
  return check_summary();
}
