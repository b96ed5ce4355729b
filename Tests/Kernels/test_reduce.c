// Reductions over every set of axes, in every layout and dtype, against plain loops in wider arithmetic.
#include "ds_reduce.h"

#include "check.h"
#include "ds_threads.h"
#include "layouts.h"
#include "precise.h"

static const char *const names[DS_REDUCE_COUNT] = {"sum", "product", "mean", "max", "min", "any", "all", "sum_squares",
                                                   "logsumexp"};

// Element k of the reduction's results, from the elements in row-major order.
static void reference(ds_reduce_op op, const double *x, int32_t rank, const int64_t *shape, uint32_t mask,
                      const ds_view *out, double *results) {
  int64_t count = 1, kept = 1, gone = 1;
  for (int32_t d = 0; d < rank; d++) {
    count *= shape[d];
    if (mask >> d & 1) gone *= shape[d];
    else kept *= shape[d];
  }
  precise *sums = malloc((size_t)(kept + 1) * sizeof *sums), *largest = malloc((size_t)(kept + 1) * sizeof *largest);
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t k = 0; k < kept; k++) sums[k] = op == DS_REDUCE_PRODUCT || op == DS_REDUCE_ALL ? 1 : 0;
    if (pass == 0) for (int64_t k = 0; k < kept; k++) largest[k] = -(precise)HUGE_VAL;
    for (int64_t i = 0; i < count; i++) {
      int64_t rest = i, k = 0;
      for (int32_t d = rank - 1; d >= 0; d--) {
        int64_t index = rest % shape[d];
        rest /= shape[d];
        if (!(mask >> d & 1)) k += index * out->strides[d];
      }
      precise v = x[i];
      switch (op) {
        case DS_REDUCE_SUM: case DS_REDUCE_MEAN: sums[k] += v; break;
        case DS_REDUCE_PRODUCT: sums[k] *= v; break;
        case DS_REDUCE_SUM_SQUARES: sums[k] += v * v; break;
        case DS_REDUCE_ANY: if (v != 0) sums[k] = 1; break;
        case DS_REDUCE_ALL: if (v == 0) sums[k] = 0; break;
        case DS_REDUCE_MIN: v = -v;  // falls through: the largest of the negated
        default:
          if (pass == 0 && (v > largest[k] || v != v)) largest[k] = v;
          if (pass == 1) sums[k] += exp(v - largest[k]);
      }
    }
  }
  for (int64_t k = 0; k < kept; k++) {
    precise r = sums[k];
    if (op == DS_REDUCE_MEAN) r /= gone;
    if (op == DS_REDUCE_MAX) r = largest[k];
    if (op == DS_REDUCE_MIN) r = -largest[k];
    if (op == DS_REDUCE_LOGSUMEXP) r = largest[k] + log(sums[k]);
    results[k] = (double)r;
  }
  free(sums);
  free(largest);
}

static ds_view reduced_view(void *data, ds_dtype dtype, int32_t rank, const int64_t *shape, uint32_t mask) {
  int64_t sizes[DS_MAX_RANK];
  for (int32_t d = 0; d < rank; d++) sizes[d] = mask >> d & 1 ? 1 : shape[d];
  return shaped_view(data, dtype, rank, sizes);
}

static void test_shape(int32_t rank, const int64_t *shape, ds_dtype dtype) {
  int64_t count = 1;
  for (int32_t d = 0; d < rank; d++) count *= shape[d];
  double *values = malloc((size_t)(count + 1) * sizeof *values);
  uint64_t state = 42;
  bool real = dtype <= DS_BFLOAT16;
  for (int64_t i = 0; i < count; i++) {
    double v = pseudo_random(&state);
    values[i] = real ? 1.0 + 0.01 * v : dtype == DS_BOOL ? v > -0.9 : dtype == DS_UINT8 ? (double)(int)(v * 100 + 100) : (double)(int)(v * 100);
  }
  for (int layout = 0; layout < (count > 5000 ? 2 : LAYOUTS); layout++) {
    layout_tensor x = make_layout(values, dtype, rank, shape, layout);
    double *exact = malloc((size_t)(count + 1) * sizeof *exact);
    read_layout(&x.view, exact);  // rounded to the dtype
    for (uint32_t mask = count > 5000; mask < 1u << rank; mask++) {
      for (int op = 0; op < DS_REDUCE_COUNT; op++) {
        bool asks = op == DS_REDUCE_ANY || op == DS_REDUCE_ALL, sums = op == DS_REDUCE_SUM || op == DS_REDUCE_SUM_SQUARES;
        if (count > 5000 && op != DS_REDUCE_SUM && op != DS_REDUCE_MAX && op != DS_REDUCE_LOGSUMEXP) continue;
        if (!real && (op == DS_REDUCE_MEAN || op == DS_REDUCE_LOGSUMEXP || op == DS_REDUCE_PRODUCT)) continue;
        ds_dtype to = asks ? DS_BOOL : sums && !real ? DS_INT64 : sums && dtype != DS_FLOAT64 ? DS_FLOAT32 : dtype;
        ds_view shape_of = reduced_view(NULL, to, rank, shape, mask);
        int64_t kept = 1;
        for (int32_t d = 0; d < rank; d++) kept *= shape_of.shape[d];
        double *expected = malloc((size_t)(kept + 1) * sizeof *expected), *actual = malloc((size_t)(kept + 1) * sizeof *actual);
        void *memory = malloc((size_t)(kept * layout_sizes[to] + 1));
        ds_view out = reduced_view(memory, to, rank, shape, mask);
        ds_status status = ds_reduce((ds_reduce_op)op, &x.view, mask, &out);
        if (count == 0 && kept > 0 && (op == DS_REDUCE_MAX || op == DS_REDUCE_MIN)) {
          CHECK(status == DS_INVALID_SHAPE, "%s of nothing: status %d", names[op], status);
        } else {
          CHECK(status == DS_OK, "%s mask %u: status %d", names[op], mask, status);
          reference((ds_reduce_op)op, exact, rank, shape, mask, &out, expected);
          read_layout(&out, actual);
          double relative = to == DS_FLOAT64 ? 1e-13 : to == DS_FLOAT16 ? 6e-4 : to == DS_BFLOAT16 ? 4.5e-3 : 2.5e-7;
          if (!real || asks) relative = 0;
          for (int64_t k = 0; k < kept; k += kept > 500 ? 7 : 1) {
            CHECK_CLOSE(actual[k], expected[k], 0, relative, "%s dtype %d mask %u %s, result %d of %d", names[op], dtype,
                        mask, layout_names[layout], (int)k, (int)kept);
          }
        }
        free(expected), free(actual), free(memory);
      }
    }
    free(exact);
    free(x.memory);
  }
  free(values);
}

// A hundred million times the spread: a one-pass variance would have no digits left.
static void test_variance(void) {
  enum { N = 5000 };
  static float x[N];
  static double wide[N];
  uint64_t state = 7;
  precise sum = 0, squares = 0;
  for (int i = 0; i < N; i++) {
    x[i] = (float)(100000 + pseudo_random(&state));
    wide[i] = 1e8 + pseudo_random(&state);
    sum += x[i];
  }
  for (int i = 0; i < N; i++) squares += (x[i] - sum / N) * (x[i] - sum / N);
  float out = 0;
  ds_view in = vector_view(x, DS_FLOAT32, N), to = vector_view(&out, DS_FLOAT32, 1);
  CHECK(ds_variance(&in, 1, 1, &to) == DS_OK, "variance");
  CHECK_CLOSE(out, (double)(squares / (N - 1)), 0, 1e-6, "variance of float32");
  CHECK(ds_variance(&in, 1, N, &to) == DS_OK && out != out, "a correction that leaves nothing gives %g", out);
  sum = squares = 0;
  for (int i = 0; i < N; i++) sum += wide[i];
  for (int i = 0; i < N; i++) squares += (wide[i] - sum / N) * (wide[i] - sum / N);
  double result[1];
  ds_view wide_in = vector_view(wide, DS_FLOAT64, N), wide_to = vector_view(result, DS_FLOAT64, 1);
  CHECK(ds_variance(&wide_in, 1, 0, &wide_to) == DS_OK, "variance");
  CHECK_CLOSE(result[0], (double)(squares / N), 0, 1e-9, "variance of float64");
  // Down columns: [50, 100] as rows of their own variance.
  float columns[100];
  ds_view table = matrix_view(x, DS_FLOAT32, 50, 100), row = matrix_view(columns, DS_FLOAT32, 1, 100);
  CHECK(ds_variance(&table, 1, 0, &row) == DS_OK, "variance down columns");
  for (int j = 0; j < 100; j++) {
    sum = squares = 0;
    for (int i = 0; i < 50; i++) sum += x[i * 100 + j];
    for (int i = 0; i < 50; i++) squares += (x[i * 100 + j] - sum / 50) * (x[i * 100 + j] - sum / 50);
    CHECK_CLOSE(columns[j], (double)(squares / 50), 0, 1e-6, "variance of column %d", j);
  }
}

// Large sums keep their digits, and come out the same whatever the number of threads.
static void test_large(void) {
  enum { N = 3000017 };
  float *x = malloc(N * sizeof *x);
  uint64_t state = 3;
  precise exact = 0;
  for (int i = 0; i < N; i++) {
    x[i] = 0.1f + 0.01f * (float)pseudo_random(&state);
    exact += x[i];
  }
  ds_view in = vector_view(x, DS_FLOAT32, N);
  int32_t threads = ds_thread_count();
  float first = 0;
  for (int32_t t = 1; t <= 3; t++) {
    ds_set_thread_count(t);
    float sum = 0;
    double squares = 0;
    ds_view out = vector_view(&sum, DS_FLOAT32, 1);
    CHECK(ds_reduce(DS_REDUCE_SUM, &in, 1, &out) == DS_OK, "sum");
    CHECK_CLOSE(sum, (double)exact, 0, 1.2e-7, "sum of %d floats", N);
    if (t == 1) first = sum;
    CHECK(memcmp(&first, &sum, sizeof sum) == 0, "the sum differs with %d threads", t);
    static float columns[3][17];
    ds_view table = matrix_view(x, DS_FLOAT32, 176471, 17), row = matrix_view(columns[t - 1], DS_FLOAT32, 1, 17);
    CHECK(ds_reduce(DS_REDUCE_SUM, &table, 1, &row) == DS_OK, "sum down columns");
    CHECK(memcmp(columns[0], columns[t - 1], sizeof *columns) == 0, "the columns' sums differ with %d threads", t);
    CHECK(ds_sum_squares(&in, &squares) == DS_OK && squares > 0.01 * N && squares < 0.0102 * N, "squares %g", squares);
  }
  ds_set_thread_count(threads);
  free(x);
}

static void test_special(void) {
  float x[40];
  for (int i = 0; i < 40; i++) x[i] = (float)i - 20;
  float out[1];
  ds_view in = vector_view(x, DS_FLOAT32, 40), to = vector_view(out, DS_FLOAT32, 1);
  for (int at = 0; at < 40; at += 3) {
    float old = x[at];
    x[at] = NAN;
    ds_reduce(DS_REDUCE_MAX, &in, 1, &to);
    CHECK(out[0] != out[0], "max does not see the NaN at %d", at);
    ds_reduce(DS_REDUCE_MIN, &in, 1, &to);
    CHECK(out[0] != out[0], "min does not see the NaN at %d", at);
    ds_reduce(DS_REDUCE_LOGSUMEXP, &in, 1, &to);
    CHECK(out[0] != out[0], "logsumexp does not see the NaN at %d", at);
    x[at] = old;
  }
  for (int i = 0; i < 40; i++) x[i] = -INFINITY;
  ds_reduce(DS_REDUCE_LOGSUMEXP, &in, 1, &to);
  CHECK(out[0] == -INFINITY, "logsumexp of -infinities: %g", out[0]);
  x[3] = INFINITY;
  ds_reduce(DS_REDUCE_LOGSUMEXP, &in, 1, &to);
  CHECK(out[0] == INFINITY, "logsumexp with infinity: %g", out[0]);
  for (int i = 0; i < 40; i++) x[i] = 1000;
  ds_reduce(DS_REDUCE_LOGSUMEXP, &in, 1, &to);
  CHECK_CLOSE(out[0], 1000 + log(40), 0, 1e-7, "logsumexp of thousands");
  ds_view wrong = vector_view(out, DS_FLOAT32, 2);
  CHECK(ds_reduce(DS_REDUCE_SUM, &in, 1, &wrong) == DS_INVALID_SHAPE, "an output of another shape");
  CHECK(ds_reduce(DS_REDUCE_SUM, &in, 2, &to) == DS_INVALID_SHAPE, "an axis that is not there");
}

int main(void) {
  const ds_dtype dtypes[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16, DS_INT8, DS_UINT8, DS_INT16, DS_INT32,
                             DS_INT64, DS_BOOL};
  for (size_t k = 0; k < sizeof dtypes / sizeof *dtypes; k++) {
    test_shape(0, NULL, dtypes[k]);
    test_shape(1, (const int64_t[]){1}, dtypes[k]);
    test_shape(1, (const int64_t[]){1037}, dtypes[k]);
    test_shape(1, (const int64_t[]){0}, dtypes[k]);
    test_shape(2, (const int64_t[]){37, 70}, dtypes[k]);
    test_shape(2, (const int64_t[]){3, 0}, dtypes[k]);
    test_shape(3, (const int64_t[]){5, 9, 13}, dtypes[k]);
    test_shape(3, (const int64_t[]){2, 130, 3}, dtypes[k]);
    test_shape(4, (const int64_t[]){3, 1, 17, 20}, dtypes[k]);
  }
  test_shape(2, (const int64_t[]){300, 600}, DS_FLOAT32);
  test_shape(2, (const int64_t[]){40000, 9}, DS_FLOAT64);
  test_variance();
  test_large();
  test_special();
  return check_summary();
}
