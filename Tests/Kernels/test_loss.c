// Cross-entropy against its formula in double: types, layouts, smoothing, class weights, ignored rows, logits that are
// infinite or huge; the gradient by formula, and the formula by finite differences.
#include "ds_loss.h"

#include "check.h"
#include "ds_threads.h"
#include "test_tensors.h"

static const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};
static const int64_t IGNORED = -100;

static test_tensor line(int32_t dtype, int64_t count) { return test_make(dtype, 1, &count, CONTIGUOUS); }
static int32_t computing(int32_t dtype) { return dtype == DS_FLOAT64 ? DS_FLOAT64 : DS_FLOAT32; }

static double logsumexp(const double *x, int64_t count) {
  double most = -INFINITY, sum = 0.0;
  for (int64_t i = 0; i < count; i++) most = fmax(most, x[i]);
  for (int64_t i = 0; i < count; i++) sum += exp(x[i] - most);
  return most + log(sum);
}

static double loss_of(const double *x, int64_t count, int64_t target, const double *w, double smoothing) {
  double lse = logsumexp(x, count), loss = (1.0 - smoothing) * w[target] * (lse - x[target]);
  for (int64_t c = 0; smoothing > 0.0 && c < count; c++) loss += smoothing / (double)count * w[c] * (lse - x[c]);
  return loss;
}

// Of one row: what the gradients of all its classes share.
typedef struct row_sums {
  double logsumexp, weights;
} row_sums;

static row_sums sums_of(const double *x, int64_t count, const double *w) {
  row_sums sums = {.logsumexp = logsumexp(x, count)};
  for (int64_t i = 0; i < count; i++) sums.weights += w[i];
  return sums;
}

static double gradient_of(const double *x, int64_t count, int64_t target, const double *w, double smoothing, int64_t c,
                          row_sums sums) {
  double p = exp(x[c] - sums.logsumexp);
  return (1.0 - smoothing) * w[target] * (p - (c == target)) + smoothing / (double)count * (sums.weights * p - w[c]);
}

static void reference_gradient(void) {
  enum { N = 9 };
  double x[N], w[N];
  for (int i = 0; i < N; i++) x[i] = 3.0 * test_random(), w[i] = 1.0 + 0.5 * test_random();
  for (int k = 0; k < 3; k++) {
    for (int c = 0; c < N; c++) {
      double at = x[c], step = 1e-5, smoothing = 0.15 * k;
      x[c] = at + step;
      double up = loss_of(x, N, 4, w, smoothing);
      x[c] = at - step;
      double down = loss_of(x, N, 4, w, smoothing);
      x[c] = at;
      CHECK_CLOSE(gradient_of(x, N, 4, w, smoothing, c, sums_of(x, N, w)), (up - down) / (2.0 * step), 1e-8, 1e-7, "class %d", c);
    }
  }
}

typedef struct sample {
  int32_t dtype, target_type;
  int64_t rows, classes;
  test_layout layout;
  double smoothing;
  bool weighted;
} sample;

static const char *describe(const sample *s) {
  static char text[160];
  snprintf(text, sizeof text, "type %d, %d x %d, layout %d, smoothing %g, weighted %d", s->dtype, (int)s->rows,
           (int)s->classes, s->layout, s->smoothing, s->weighted);
  return text;
}

static void check(const sample *s) {
  const int64_t shape[2] = {s->rows, s->classes};
  test_tensor logits = test_make(s->dtype, 2, shape, s->layout), dlogits = test_make(s->dtype, 2, shape, CONTIGUOUS);
  test_tensor targets = test_make(s->target_type, 1, &s->rows, s->layout == FLIPPED ? FLIPPED : CONTIGUOUS);
  test_tensor weights = test_make(s->dtype, 1, &s->classes, s->layout);
  int32_t type = computing(s->dtype);
  test_tensor losses = line(type, s->rows), lse = line(type, s->rows), row_weights = line(type, s->rows);
  test_tensor upstream = test_make(type, 1, &s->rows, SPREAD);
  test_fill(&logits, 0.0, 6.0);
  test_fill(&weights, 1.0, 0.75);
  test_fill(&upstream, 0.5, 0.5);
  for (int64_t r = 0; r < s->rows; r++) {
    int64_t target = r % 5 == 3 ? IGNORED : (r * 7919 + 1) % s->classes;
    test_set(&targets, r, (double)target);
    // Logits whose exponentials overflow, and, away from the target, ones that count for nothing.
    if (r % 4 == 1) test_set(&logits, r * s->classes + s->classes - 1, 300.0);
    if (r % 4 == 2 && target != 0 && s->smoothing == 0.0) test_set(&logits, r * s->classes, -INFINITY);
  }
  const ds_view *w = s->weighted ? &weights.view : NULL;
  ds_status status = ds_cross_entropy(&logits.view, &targets.view, w, s->smoothing, IGNORED, &losses.view, &lse.view,
                                      &row_weights.view);
  CHECK(status == DS_OK, "status %d: %s", status, describe(s));
  status = ds_cross_entropy_backward(&logits.view, &targets.view, w, s->smoothing, IGNORED, &lse.view, &upstream.view,
                                     &dlogits.view);
  CHECK(status == DS_OK, "backward status %d: %s", status, describe(s));
  double *x = malloc((size_t)s->classes * 2 * sizeof(double)), *weight = x + s->classes;
  double tight = s->dtype == DS_FLOAT64 ? 1e-12 : 2e-6, rounding = test_rounding(s->dtype);
  for (int64_t c = 0; c < s->classes; c++) weight[c] = s->weighted ? test_get(&weights, c) : 1.0;
  for (int64_t r = 0; r < s->rows; r++) {
    for (int64_t c = 0; c < s->classes; c++) x[c] = test_get(&logits, r * s->classes + c);
    row_sums sums = sums_of(x, s->classes, weight);
    int64_t target = (int64_t)test_get(&targets, r);
    bool ignored = target == IGNORED;
    // Sums of logits in float, and the subtraction of what lse and the logit have in common.
    double scale = 10.0 + (r % 4 == 1 ? 300.0 : 0.0);
    CHECK_CLOSE(test_get(&lse, r), logsumexp(x, s->classes), tight, tight, "lse %d: %s", (int)r, describe(s));
    CHECK_CLOSE(test_get(&losses, r), ignored ? 0.0 : loss_of(x, s->classes, target, weight, s->smoothing),
                ignored ? 0.0 : tight * scale, tight, "loss %d: %s", (int)r, describe(s));
    CHECK_CLOSE(test_get(&row_weights, r), ignored ? 0.0 : weight[target], 0.0, 0.0, "weight %d: %s", (int)r, describe(s));
    // The exponentials' error is relative to the distance of the logit from lse, which float holds to 2^-24 of lse.
    double slack = s->dtype == DS_FLOAT64 ? 1e-12 : 2e-6 + (r % 4 == 1 ? 4e-5 : 0.0);
    for (int64_t c = 0; c < s->classes; c++) {
      double expected = 0.0;
      if (!ignored) {
        expected = test_get(&upstream, r) * gradient_of(x, s->classes, target, weight, s->smoothing, c, sums);
      }
      CHECK_CLOSE(test_get(&dlogits, r * s->classes + c), expected, ignored ? 0.0 : slack + (s->dtype == DS_FLOAT16 ? 0x1p-25 : 0.0),
                  2.0 * rounding, "dlogits[%d, %d]: %s", (int)r, (int)c, describe(s));
    }
  }
  // Over the logits themselves.
  double *apart = malloc((size_t)(dlogits.count + 1) * sizeof(double));
  for (int64_t i = 0; i < dlogits.count; i++) apart[i] = test_get(&dlogits, i);
  ds_cross_entropy_backward(&logits.view, &targets.view, w, s->smoothing, IGNORED, &lse.view, &upstream.view, &logits.view);
  int64_t differing = 0;
  for (int64_t i = 0; i < dlogits.count; i++) differing += test_get(&logits, i) != apart[i];
  CHECK(differing == 0, "%d elements differ in place: %s", (int)differing, describe(s));
  free(apart);
  free(x);
  test_tensor *all[] = {&logits, &dlogits, &targets, &weights, &losses, &lse, &row_weights, &upstream};
  for (int i = 0; i < 8; i++) test_free(all[i]);
}

static void special_rows(void) {
  const int64_t shape[2] = {4, 40};
  test_tensor logits = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS), targets = line(DS_INT64, 4);
  test_tensor losses = line(DS_FLOAT32, 4), lse = line(DS_FLOAT32, 4);
  for (int64_t c = 0; c < 40; c++) test_set(&logits, c, -INFINITY);
  test_set(&logits, 40 + 3, NAN);
  test_set(&logits, 80 + 3, INFINITY);
  test_set(&logits, 120 + 0, -INFINITY);
  CHECK(ds_cross_entropy(&logits.view, &targets.view, NULL, 0.0, IGNORED, &losses.view, &lse.view, NULL) == DS_OK, "status");
  CHECK(isnan(test_get(&losses, 0)) && test_get(&lse, 0) == -INFINITY, "nothing but -infinity");
  CHECK(isnan(test_get(&losses, 1)), "a NaN");
  CHECK(isnan(test_get(&losses, 2)), "+infinity");
  CHECK(test_get(&losses, 3) == INFINITY, "an impossible target");
  CHECK_CLOSE(test_get(&lse, 3), log(39.0), 1e-6, 0.0, "39 zeros and a -infinity");
  test_tensor *all[] = {&logits, &targets, &losses, &lse};
  for (int i = 0; i < 4; i++) test_free(all[i]);
}

static void refusals(void) {
  const int64_t shape[2] = {6, 5}, none[2] = {6, 0}, leading[3] = {2, 3, 5}, matrix[2] = {2, 3};
  test_tensor logits = test_make(DS_FLOAT32, 2, shape, CONTIGUOUS), targets = line(DS_INT64, 6), losses = line(DS_FLOAT32, 6);
  test_tensor empty = test_make(DS_FLOAT32, 2, none, CONTIGUOUS), bytes = line(DS_INT8, 6), wide = line(DS_FLOAT64, 6);
  test_tensor three = test_make(DS_FLOAT32, 3, leading, CONTIGUOUS), two = test_make(DS_INT32, 2, matrix, CONTIGUOUS);
#define FORWARD(x, t, w, smoothing, out) ds_cross_entropy(&(x).view, &(t).view, w, smoothing, IGNORED, &(out).view, NULL, NULL)
  const double bad[] = {5.0, -1.0, 1e15, -101.0};
  for (int i = 0; i < 4; i++) {
    test_fill(&losses, 7.0, 0.0);
    test_set(&targets, 4, bad[i]);
    CHECK(FORWARD(logits, targets, NULL, 0.0, losses) == DS_INDEX_OUT_OF_RANGE, "target %g", bad[i]);
    CHECK(test_get(&losses, 0) == 7.0, "nothing is written");
    CHECK(ds_cross_entropy_backward(&logits.view, &targets.view, NULL, 0.0, IGNORED, &losses.view, &losses.view,
                                    &logits.view) == DS_INDEX_OUT_OF_RANGE, "backward, target %g", bad[i]);
  }
  test_set(&targets, 4, 4.0);
  CHECK(FORWARD(logits, targets, NULL, 0.0, losses) == DS_OK, "the last class");
  CHECK_CLOSE(test_get(&losses, 5), log(5.0), 1e-6, 0.0, "equal logits");
  CHECK(FORWARD(logits, targets, NULL, 1.5, losses) == DS_INVALID_SHAPE, "smoothing");
  CHECK(FORWARD(logits, targets, NULL, NAN, losses) == DS_INVALID_SHAPE, "smoothing is no number");
  CHECK(FORWARD(logits, targets, &losses.view, 0.0, losses) == DS_INVALID_SHAPE, "six weights for five classes");
  CHECK(FORWARD(logits, bytes, NULL, 0.0, losses) == DS_UNSUPPORTED_DTYPE, "targets of int8");
  CHECK(FORWARD(logits, targets, NULL, 0.0, wide) == DS_UNSUPPORTED_DTYPE, "float64 losses of float32 logits");
  CHECK(FORWARD(targets, targets, NULL, 0.0, losses) == DS_INVALID_SHAPE, "no axis of classes");
  test_fill(&targets, -100.0, 0.0);
  CHECK(FORWARD(empty, targets, NULL, 0.0, losses) == DS_INVALID_SHAPE, "no classes");
  CHECK(FORWARD(three, two, NULL, 0.1, losses) == DS_OK, "leading axes");
  CHECK_CLOSE(test_get(&losses, 5), log(5.0), 1e-6, 0.0, "equal logits, smoothed");
  test_tensor *all[] = {&logits, &targets, &losses, &empty, &bytes, &wide, &three, &two};
  for (int i = 0; i < 8; i++) test_free(all[i]);
}

int main(void) {
  reference_gradient();
  const int64_t shapes[][2] = {{1, 1}, {7, 3}, {5, 16}, {9, 33}, {400, 70}, {3, 5003}, {0, 4}};
  for (int d = 0; d < 4; d++)
    for (int k = 0; k < 7; k++)
      for (int layout = 0; layout < TEST_LAYOUTS; layout++)
        for (int flags = 0; flags < 6; flags++) {
          if (shapes[k][0] == 400 && (layout + flags) % 4 != d) continue;
          sample s = {types[d], flags % 2 ? DS_INT32 : DS_INT64, shapes[k][0], shapes[k][1], (test_layout)layout,
                      (flags / 2) * 0.1, flags & 1};
          check(&s);
        }
  special_rows();
  refusals();
  return check_summary();
}
