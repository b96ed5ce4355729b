// Normalizations against their formulas in double: every type and layout, with and without parameters and statistics;
// backward passes against finite differences of the formulas in double, through the formulas' own gradients.
#include "ds_normalization.h"

#include "check.h"
#include "ds_threads.h"
#include "test_tensors.h"

static const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};

static int32_t computing(int32_t dtype) { return dtype == DS_FLOAT64 ? DS_FLOAT64 : DS_FLOAT32; }

static test_tensor line(int32_t dtype, int64_t count) { return test_make(dtype, 1, &count, CONTIGUOUS); }

// What rounding may cost a result of this type that was computed as it should be.
static double slack(int32_t dtype) { return dtype == DS_FLOAT64 ? 1e-12 : dtype == DS_FLOAT32 ? 4e-6 : 2.2 * test_rounding(dtype); }

static double *copy_of(const test_tensor *t) {
  double *values = malloc((size_t)(t->count + 1) * sizeof(double));
  for (int64_t i = 0; i < t->count; i++) values[i] = test_get(t, i);
  return values;
}

// A group of `count` numbers normalized: its mean (zero unless centered) and 1 / sqrt(variance + epsilon).
static void statistics(const double *x, int64_t count, bool centered, double epsilon, double *mean, double *rstd) {
  double sum = 0.0, squares = 0.0;
  for (int64_t i = 0; i < count; i++) sum += x[i];
  *mean = centered ? sum / (double)count : 0.0;
  for (int64_t i = 0; i < count; i++) squares += (x[i] - *mean) * (x[i] - *mean);
  *rstd = 1.0 / sqrt(squares / (double)count + epsilon);
}

// The gradient of a normalized group from the gradient `g` of its normalized values.
static void group_gradient(const double *x, const double *g, int64_t count, bool centered, double mean, double rstd,
                           double *dx) {
  double average = 0.0, along = 0.0;
  for (int64_t i = 0; i < count; i++) {
    average += g[i] / (double)count;
    along += g[i] * (x[i] - mean) * rstd / (double)count;
  }
  for (int64_t i = 0; i < count; i++) {
    dx[i] = rstd * (g[i] - (centered ? average : 0.0) - (x[i] - mean) * rstd * along);
  }
}

// The reference itself: its gradient against central differences of the normalization in double.
static void reference_gradient(void) {
  enum { N = 7 };
  double x[N], g[N], dx[N];
  for (int centered = 0; centered < 2; centered++) {
    for (int i = 0; i < N; i++) x[i] = test_random() * 3.0 + 1.0, g[i] = test_random();
    double mean, rstd;
    statistics(x, N, centered, 1e-3, &mean, &rstd);
    group_gradient(x, g, N, centered, mean, rstd, dx);
    for (int i = 0; i < N; i++) {
      double difference = 0.0, step = 1e-5, at = x[i];
      for (int side = -1; side <= 1; side += 2) {
        x[i] = at + side * step;
        statistics(x, N, centered, 1e-3, &mean, &rstd);
        for (int j = 0; j < N; j++) difference += side * g[j] * (x[j] - mean) * rstd / (2.0 * step);
      }
      x[i] = at;
      CHECK_CLOSE(dx[i], difference, 1e-8, 1e-7, "gradient of the reference, element %d", i);
    }
  }
}

typedef struct row_case {
  int32_t dtype;
  int64_t rows, width;
  test_layout layout;
  bool centered, residual, weight, bias, mixed;  // mixed: float32 parameters with 16-bit rows
} row_case;

static const char *describe(const row_case *c) {
  static char text[200];
  snprintf(text, sizeof text, "type %d, %d x %d, layout %d, centered %d residual %d weight %d bias %d mixed %d", c->dtype,
           (int)c->rows, (int)c->width, c->layout, c->centered, c->residual, c->weight, c->bias, c->mixed);
  return text;
}

static void rows(const row_case *c) {
  const int64_t shape[2] = {c->rows, c->width}, count = c->rows * c->width;
  const double epsilon = 1e-5, tolerance = slack(c->dtype);
  int32_t parameter_type = c->mixed ? computing(c->dtype) : c->dtype, statistic_type = computing(c->dtype);
  test_tensor x = test_make(c->dtype, 2, shape, c->layout), residual = test_make(c->dtype, 2, shape, SPREAD);
  test_tensor sum = test_make(c->dtype, 2, shape, CONTIGUOUS), y = test_make(c->dtype, 2, shape, c->layout);
  test_tensor dy = test_make(c->dtype, 2, shape, c->layout), dx = test_make(c->dtype, 2, shape, CONTIGUOUS);
  test_tensor weight = test_make(parameter_type, 1, &c->width, c->layout), bias = line(parameter_type, c->width);
  test_tensor dweight = test_make(parameter_type, 1, &c->width, c->layout), dbias = line(parameter_type, c->width);
  test_tensor mean = line(statistic_type, c->rows), rstd = line(statistic_type, c->rows);
  test_fill(&x, 3.0, 2.0);
  test_fill(&residual, -1.0, 2.0);
  test_fill(&weight, 1.0, 0.5);
  test_fill(&bias, 0.0, 0.5);
  test_fill(&dy, 0.0, 1.0);
  const ds_view *w = c->weight ? &weight.view : NULL, *b = c->bias ? &bias.view : NULL;
  const ds_view *r = c->residual ? &residual.view : NULL, *s = c->residual ? &sum.view : NULL;
  ds_status status = c->centered
                         ? ds_layer_norm(&x.view, r, w, b, epsilon, s, &y.view, &mean.view, &rstd.view)
                         : ds_rms_norm(&x.view, r, w, epsilon, s, &y.view, &rstd.view);
  CHECK(status == DS_OK, "status %d: %s", status, describe(c));
  const test_tensor *input = c->residual ? &sum : &x;
  const ds_view *db = c->bias ? &dbias.view : NULL, *dw = c->weight ? &dweight.view : NULL;
  status = c->centered ? ds_layer_norm_backward(&input->view, &mean.view, &rstd.view, w, &dy.view, &dx.view, dw, db)
                       : ds_rms_norm_backward(&input->view, &rstd.view, w, &dy.view, &dx.view, dw);
  CHECK(status == DS_OK, "backward status %d: %s", status, describe(c));

  double *expected_dw = calloc((size_t)c->width + 1, sizeof(double)), *expected_db = calloc((size_t)c->width + 1, sizeof(double));
  double *row = malloc(((size_t)c->width + 1) * 3 * sizeof(double)), *g = row + c->width, *gradient = g + c->width;
  for (int64_t i = 0; i < c->rows; i++) {
    for (int64_t j = 0; j < c->width; j++) {
      int64_t at = i * c->width + j;
      row[j] = test_get(input, at);
      if (c->residual) {
        CHECK_CLOSE(row[j], test_get(&x, at) + test_get(&residual, at), 1e-7, test_rounding(c->dtype) * 1.01,
                    "sum: %s", describe(c));
      }
    }
    double m, k;
    statistics(row, c->width, c->centered, epsilon, &m, &k);
    if (c->centered) CHECK_CLOSE(test_get(&mean, i), m, 2e-6, 1e-6, "mean: %s", describe(c));
    // A single centered number has no variance but what rounding its mean leaves.
    CHECK_CLOSE(test_get(&rstd, i), k, 0.0, 3e-6, "rstd: %s", describe(c));
    for (int64_t j = 0; j < c->width; j++) {
      int64_t at = i * c->width + j;
      double normal = (row[j] - m) * k, d = test_get(&dy, at);
      double value = normal * (c->weight ? test_get(&weight, j) : 1.0) + (c->bias ? test_get(&bias, j) : 0.0);
      CHECK_CLOSE(test_get(&y, at), value, tolerance, tolerance, "y[%d, %d]: %s", (int)i, (int)j, describe(c));
      g[j] = d * (c->weight ? test_get(&weight, j) : 1.0);
      expected_dw[j] += d * normal;
      expected_db[j] += d;
    }
    group_gradient(row, g, c->width, c->centered, m, k, gradient);
    for (int64_t j = 0; j < c->width; j++) {
      CHECK_CLOSE(test_get(&dx, i * c->width + j), gradient[j], tolerance * (1.0 + k), tolerance, "dx[%d, %d]: %s",
                  (int)i, (int)j, describe(c));
    }
  }
  double grown = tolerance * (1.0 + sqrt((double)c->rows));
  for (int64_t j = 0; j < c->width && c->rows > 0; j++) {
    if (c->weight) CHECK_CLOSE(test_get(&dweight, j), expected_dw[j], grown, tolerance, "dweight[%d]: %s", (int)j, describe(c));
    if (c->bias && c->centered) CHECK_CLOSE(test_get(&dbias, j), expected_db[j], grown, tolerance, "dbias[%d]: %s", (int)j, describe(c));
  }
  // dx alone, without parameter gradients, is the same; and so is y over its own input.
  double *with = copy_of(&dx), *apart = copy_of(&y);
  if (c->centered) ds_layer_norm_backward(&input->view, &mean.view, &rstd.view, w, &dy.view, &dx.view, NULL, NULL);
  else ds_rms_norm_backward(&input->view, &rstd.view, w, &dy.view, &dx.view, NULL);
  test_tensor over = test_make(c->dtype, 2, shape, c->layout);
  for (int64_t i = 0; i < count; i++) test_set(&over, i, test_get(input, i));
  if (c->centered) ds_layer_norm(&over.view, NULL, w, b, epsilon, NULL, &over.view, NULL, NULL);
  else ds_rms_norm(&over.view, NULL, w, epsilon, NULL, &over.view, NULL);
  for (int64_t i = 0; i < count; i++) {
    CHECK(test_get(&dx, i) == with[i], "dx alone, element %d: %s", (int)i, describe(c));
    CHECK(test_get(&over, i) == apart[i], "in place, element %d: %s", (int)i, describe(c));
  }
  free(with);
  free(apart);
  free(expected_dw);
  free(expected_db);
  free(row);
  test_tensor *all[] = {&x, &residual, &sum, &y, &dy, &dx, &weight, &bias, &dweight, &dbias, &mean, &rstd, &over};
  for (int i = 0; i < 13; i++) test_free(all[i]);
}

static void layer_and_rms(void) {
  const int64_t shapes[][2] = {{1, 2}, {3, 5}, {40, 16}, {5, 33}, {70, 100}, {2, 5000}, {0, 8}, {300, 64}};
  for (int d = 0; d < 4; d++)
    for (int s = 0; s < 8; s++)
      for (int layout = 0; layout < TEST_LAYOUTS; layout++)
        for (int flags = 0; flags < 16; flags++) {
          row_case c = {types[d], shapes[s][0], shapes[s][1], (test_layout)layout, flags & 1, flags & 2, flags & 4,
                        (flags & 8) != 0 && (flags & 1), (flags & 8) != 0};
          if (c.rows * c.width > 600 && (layout + flags + d) % 11 != 0) continue;
          rows(&c);
        }
  row_case big = {DS_FLOAT32, 5000, 72, CONTIGUOUS, true, true, true, true, false};
  rows(&big);
}

// A large mean costs no digits, in a sum over many elements.
static void large_mean(void) {
  const int64_t shape[2] = {1, 100000};
  test_tensor x = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS), y = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS);
  test_tensor mean = line(DS_FLOAT32, 1), rstd = line(DS_FLOAT32, 1);
  test_fill(&x, 1000.0, 1.0);
  CHECK(ds_layer_norm(&x.view, NULL, NULL, NULL, 0.0, NULL, &y.view, &mean.view, &rstd.view) == DS_OK, "status");
  double *values = copy_of(&x), m, k;
  statistics(values, x.count, true, 0.0, &m, &k);
  CHECK_CLOSE(test_get(&mean, 0), m, 0.0, 1e-7, "mean");
  CHECK_CLOSE(test_get(&rstd, 0), k, 0.0, 1e-5, "rstd");
  free(values);
  test_free(&x);
  test_free(&y);
  test_free(&mean);
  test_free(&rstd);
}

// Views of rank 1 and 4, and shapes that don't fit.
static void shapes_and_refusals(void) {
  const int64_t four[4] = {2, 3, 4, 10}, one = 10;
  test_tensor x = test_make(DS_FLOAT32, 4, four, CONTIGUOUS), y = test_make(DS_FLOAT32, 4, four, TRANSPOSED);
  test_tensor single = line(DS_FLOAT32, one), out = line(DS_FLOAT32, one), bad = line(DS_FLOAT32, 9);
  test_tensor wide = line(DS_FLOAT64, 24), integers = line(DS_INT32, one);
  test_fill(&x, 1.0, 3.0);
  CHECK(ds_layer_norm(&x.view, NULL, NULL, NULL, 1e-5, NULL, &y.view, NULL, NULL) == DS_OK, "rank 4");
  for (int64_t i = 0; i < 24; i++) {
    for (int64_t j = 0; j < one; j++) test_set(&single, j, test_get(&x, i * one + j));
    CHECK(ds_layer_norm(&single.view, NULL, NULL, NULL, 1e-5, NULL, &out.view, NULL, NULL) == DS_OK, "rank 1");
    for (int64_t j = 0; j < one; j++) CHECK(test_get(&out, j) == test_get(&y, i * one + j), "row %d of rank 4", (int)i);
  }
  CHECK(ds_layer_norm(&x.view, NULL, &bad.view, NULL, 0, NULL, &y.view, NULL, NULL) == DS_INVALID_SHAPE, "weight's width");
  CHECK(ds_layer_norm(&x.view, NULL, NULL, NULL, 0, NULL, &out.view, NULL, NULL) == DS_INVALID_SHAPE, "y's shape");
  CHECK(ds_layer_norm(&x.view, &x.view, NULL, NULL, 0, NULL, &y.view, NULL, NULL) == DS_INVALID_SHAPE, "no place for the sum");
  CHECK(ds_layer_norm(&x.view, NULL, NULL, NULL, 0, NULL, &y.view, &wide.view, NULL) == DS_UNSUPPORTED_DTYPE, "mean's type");
  CHECK(ds_layer_norm(&integers.view, NULL, NULL, NULL, 0, NULL, &integers.view, NULL, NULL) == DS_UNSUPPORTED_DTYPE, "integers");
  ds_view scalar = x.view;
  scalar.rank = 0;
  CHECK(ds_rms_norm(&scalar, NULL, NULL, 0, NULL, &scalar, NULL) == DS_INVALID_SHAPE, "rank 0");
  test_tensor *all[] = {&x, &y, &single, &out, &bad, &wide, &integers};
  for (int i = 0; i < 7; i++) test_free(all[i]);
}

// Neither forward nor backward passes depend on the number of threads.
static void sameness(void) {
  const int64_t shape[2] = {3000, 50}, width = 50;
  test_tensor x = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS), dy = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS);
  test_tensor dx = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS), w = line(DS_FLOAT32, width);
  test_tensor mean = line(DS_FLOAT32, 3000), rstd = line(DS_FLOAT32, 3000);
  test_tensor dw[2] = {line(DS_FLOAT32, width), line(DS_FLOAT32, width)}, db[2] = {line(DS_FLOAT32, width), line(DS_FLOAT32, width)};
  test_fill(&x, 0.0, 1.0);
  test_fill(&dy, 0.0, 1.0);
  test_fill(&w, 1.0, 0.3);
  int32_t threads = ds_thread_count();
  for (int i = 0; i < 2; i++) {
    ds_set_thread_count(i == 0 ? 1 : 3);
    ds_layer_norm(&x.view, NULL, &w.view, NULL, 1e-5, NULL, &dx.view, &mean.view, &rstd.view);
    ds_layer_norm_backward(&x.view, &mean.view, &rstd.view, &w.view, &dy.view, &dx.view, &dw[i].view, &db[i].view);
  }
  ds_set_thread_count(threads);
  for (int64_t j = 0; j < width; j++) {
    CHECK(test_get(&dw[0], j) == test_get(&dw[1], j), "dweight[%d] depends on the threads", (int)j);
    CHECK(test_get(&db[0], j) == test_get(&db[1], j), "dbias[%d] depends on the threads", (int)j);
  }
  test_tensor *all[] = {&x, &dy, &dx, &w, &mean, &rstd, &dw[0], &dw[1], &db[0], &db[1]};
  for (int i = 0; i < 10; i++) test_free(all[i]);
}

int main(void) {
  reference_gradient();
  layer_and_rms();
  large_mean();
  shapes_and_refusals();
  sameness();
  return check_summary();
}
