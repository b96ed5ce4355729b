// Batch and group norm against their formulas in double: every type, layouts that differ between the tensors, shapes
// with and without spatial axes; the backward passes against finite differences in float64.
#include "ds_normalization.h"

#include "check.h"
#include "ds_threads.h"
#include "test_tensors.h"

static const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};

static test_tensor line(int32_t dtype, int64_t count) { return test_make(dtype, 1, &count, CONTIGUOUS); }
static int32_t computing(int32_t dtype) { return dtype == DS_FLOAT64 ? DS_FLOAT64 : DS_FLOAT32; }
static double slack(int32_t dtype) { return dtype == DS_FLOAT64 ? 1e-12 : dtype == DS_FLOAT32 ? 6e-6 : 2.2 * test_rounding(dtype); }

typedef struct sample {
  int32_t dtype, rank;
  int64_t shape[4];
  int64_t groups;  // 0: batch norm
  test_layout layout;
  bool training, parameters;
} sample;

static const char *describe(const sample *s) {
  static char text[200];
  snprintf(text, sizeof text, "type %d, rank %d [%d, %d, ...], groups %d, layout %d, training %d, parameters %d", s->dtype,
           s->rank, (int)s->shape[0], (int)s->shape[1], (int)s->groups, s->layout, s->training, s->parameters);
  return text;
}

static int64_t space(const sample *s) {
  int64_t count = 1;
  for (int32_t i = 2; i < s->rank; i++) count *= s->shape[i];
  return count;
}

// Which statistic an element belongs to, and which channel.
static int64_t channel_of(const sample *s, int64_t i) { return i / space(s) % s->shape[1]; }
static int64_t statistic_of(const sample *s, int64_t i) {
  if (s->groups == 0) return channel_of(s, i);
  return i / (space(s) * s->shape[1]) * s->groups + channel_of(s, i) / (s->shape[1] / s->groups);
}
static int64_t statistic_count(const sample *s) { return s->groups == 0 ? s->shape[1] : s->shape[0] * s->groups; }

static const double epsilon = 1e-4;

static void statistics(const sample *s, const double *x, int64_t count, double *mean, double *rstd) {
  int64_t statistic = statistic_count(s);
  double each = (double)count / (double)statistic;
  for (int64_t k = 0; k < statistic; k++) mean[k] = rstd[k] = 0.0;
  for (int64_t i = 0; i < count; i++) mean[statistic_of(s, i)] += x[i] / each;
  for (int64_t i = 0; i < count; i++) {
    double d = x[i] - mean[statistic_of(s, i)];
    rstd[statistic_of(s, i)] += d * d / each;
  }
  for (int64_t k = 0; k < statistic; k++) rstd[k] = 1.0 / sqrt(rstd[k] + epsilon);
}

// dx by the formula: the averages run over all elements of a statistic.
static void gradient(const sample *s, const double *x, const double *g, int64_t count, const double *mean,
                     const double *rstd, double *dx) {
  int64_t statistic = statistic_count(s);
  double each = (double)count / (double)statistic;
  double *average = calloc((size_t)statistic, sizeof(double)), *along = calloc((size_t)statistic, sizeof(double));
  bool through = s->groups > 0 || s->training;
  for (int64_t i = 0; through && i < count; i++) {
    int64_t k = statistic_of(s, i);
    average[k] += g[i] / each;
    along[k] += g[i] * (x[i] - mean[k]) * rstd[k] / each;
  }
  for (int64_t i = 0; i < count; i++) {
    int64_t k = statistic_of(s, i);
    dx[i] = rstd[k] * (g[i] - average[k] - (x[i] - mean[k]) * rstd[k] * along[k]);
  }
  free(average);
  free(along);
}

static ds_status forward(const sample *s, test_tensor *x, test_tensor *y, test_tensor *mean, test_tensor *rstd,
                         const ds_view *weight, const ds_view *bias) {
  if (s->groups > 0) return ds_group_norm(&x->view, s->groups, weight, bias, epsilon, &y->view, &mean->view, &rstd->view);
  ds_status status = ds_batch_statistics(&x->view, &mean->view, &rstd->view);
  if (status != DS_OK) return status;
  for (int64_t k = 0; k < rstd->count; k++) test_set(rstd, k, 1.0 / sqrt(test_get(rstd, k) + epsilon));
  return ds_batch_norm(&x->view, &mean->view, &rstd->view, weight, bias, &y->view);
}

static void check(const sample *s) {
  test_tensor x = test_make(s->dtype, s->rank, s->shape, s->layout);
  test_tensor y = test_make(s->dtype, s->rank, s->shape, CONTIGUOUS), dy = test_make(s->dtype, s->rank, s->shape, SPREAD);
  test_tensor dx = test_make(s->dtype, s->rank, s->shape, s->layout);
  test_tensor mean = line(computing(s->dtype), statistic_count(s)), rstd = line(computing(s->dtype), statistic_count(s));
  test_tensor weight = test_make(s->dtype, 1, &s->shape[1], SPREAD), bias = line(s->dtype, s->shape[1]);
  test_tensor dweight = line(computing(s->dtype), s->shape[1]), dbias = line(s->dtype, s->shape[1]);
  test_fill(&x, 2.0, 3.0);
  test_fill(&dy, 0.0, 1.0);
  test_fill(&weight, 1.0, 0.5);
  test_fill(&bias, 0.0, 0.5);
  const ds_view *w = s->parameters ? &weight.view : NULL, *b = s->parameters ? &bias.view : NULL;
  ds_status status = forward(s, &x, &y, &mean, &rstd, w, b);
  CHECK(status == DS_OK, "status %d: %s", status, describe(s));
  status = s->groups > 0 ? ds_group_norm_backward(&x.view, s->groups, &mean.view, &rstd.view, w, &dy.view, &dx.view,
                                                  &dweight.view, &dbias.view)
                         : ds_batch_norm_backward(s->training, &x.view, &mean.view, &rstd.view, w, &dy.view, &dx.view,
                                                  &dweight.view, &dbias.view);
  CHECK(status == DS_OK, "backward status %d: %s", status, describe(s));
  int64_t count = x.count, channels = s->shape[1], statistic = statistic_count(s);
  double *values = malloc((size_t)count * 3 * sizeof(double)), *g = values + count, *expected = g + count;
  double *m = malloc((size_t)statistic * 2 * sizeof(double)), *r = m + statistic;
  double *dw = calloc((size_t)channels * 2, sizeof(double)), *db = dw + channels;
  for (int64_t i = 0; i < count; i++) values[i] = test_get(&x, i);
  statistics(s, values, count, m, r);
  double tolerance = slack(s->dtype);
  for (int64_t k = 0; k < statistic; k++) {
    CHECK_CLOSE(test_get(&mean, k), m[k], 2e-6, 1e-6, "mean[%d]: %s", (int)k, describe(s));
    CHECK_CLOSE(test_get(&rstd, k), r[k], 0.0, 3e-6, "rstd[%d]: %s", (int)k, describe(s));
  }
  for (int64_t i = 0; i < count; i++) {
    int64_t c = channel_of(s, i), k = statistic_of(s, i);
    double scale = s->parameters ? test_get(&weight, c) : 1.0, d = test_get(&dy, i);
    double z = (values[i] - m[k]) * r[k];
    CHECK_CLOSE(test_get(&y, i), z * scale + (s->parameters ? test_get(&bias, c) : 0.0), tolerance, tolerance,
                "y[%d]: %s", (int)i, describe(s));
    g[i] = d * scale;
    dw[c] += d * z;
    db[c] += d;
  }
  gradient(s, values, g, count, m, r, expected);
  for (int64_t i = 0; i < count; i++) {
    CHECK_CLOSE(test_get(&dx, i), expected[i], 2.0 * tolerance * (1.0 + r[statistic_of(s, i)]), tolerance, "dx[%d]: %s", (int)i, describe(s));
  }
  for (int64_t c = 0; c < channels; c++) {
    CHECK_CLOSE(test_get(&dweight, c), dw[c], 40.0 * slack(computing(s->dtype)), 1e-5, "dweight[%d]: %s", (int)c, describe(s));
    CHECK_CLOSE(test_get(&dbias, c), db[c], 20.0 * tolerance, tolerance, "dbias[%d]: %s", (int)c, describe(s));
  }
  free(values);
  free(m);
  free(dw);
  test_tensor *all[] = {&x, &y, &dy, &dx, &mean, &rstd, &weight, &bias, &dweight, &dbias};
  for (int i = 0; i < 10; i++) test_free(all[i]);
}

// The formula for dx itself, against central differences.
static void reference_gradient(void) {
  const sample samples[] = {{DS_FLOAT64, 3, {3, 2, 4}, 0, CONTIGUOUS, true, false},
                            {DS_FLOAT64, 3, {2, 6, 3}, 2, CONTIGUOUS, true, false}};
  for (int k = 0; k < 2; k++) {
    const sample *s = &samples[k];
    enum { MOST = 64 };
    double x[MOST], g[MOST], dx[MOST], mean[MOST], rstd[MOST];
    int64_t count = s->shape[0] * s->shape[1] * space(s);
    for (int64_t i = 0; i < count; i++) x[i] = test_random(), g[i] = test_random();
    statistics(s, x, count, mean, rstd);
    gradient(s, x, g, count, mean, rstd, dx);
    for (int64_t i = 0; i < count; i++) {
      double at = x[i], step = 1e-5, difference = 0.0;
      for (int side = -1; side <= 1; side += 2) {
        x[i] = at + side * step;
        statistics(s, x, count, mean, rstd);
        for (int64_t j = 0; j < count; j++) {
          int64_t n = statistic_of(s, j);
          difference += side * g[j] * (x[j] - mean[n]) * rstd[n] / (2.0 * step);
        }
      }
      x[i] = at;
      CHECK_CLOSE(dx[i], difference, 1e-8, 1e-6, "the reference's gradient %d of %s", (int)i, describe(s));
    }
  }
}

static void refusals(void) {
  const int64_t shape[3] = {2, 6, 5}, empty[3] = {0, 6, 5};
  test_tensor x = test_make(DS_FLOAT32, 3, shape, CONTIGUOUS), none = test_make(DS_FLOAT32, 3, empty, CONTIGUOUS);
  test_tensor six = line(DS_FLOAT32, 6), five = line(DS_FLOAT32, 5), four = line(DS_FLOAT32, 4), zero = line(DS_FLOAT32, 0);
  CHECK(ds_batch_statistics(&x.view, &five.view, &six.view) == DS_INVALID_SHAPE, "five means for six channels");
  CHECK(ds_batch_statistics(&none.view, &six.view, &six.view) == DS_INVALID_SHAPE, "an empty batch has no statistics");
  CHECK(ds_batch_norm(&none.view, &six.view, &six.view, NULL, NULL, &none.view) == DS_OK, "an empty batch normalizes");
  CHECK(ds_batch_norm(&x.view, &six.view, &six.view, &five.view, NULL, &x.view) == DS_INVALID_SHAPE, "weight");
  CHECK(ds_batch_norm(&six.view, &six.view, &six.view, NULL, NULL, &six.view) == DS_INVALID_SHAPE, "rank 1");
  CHECK(ds_group_norm(&x.view, 4, NULL, NULL, 0.1, &x.view, NULL, NULL) == DS_INVALID_SHAPE, "4 does not divide 6");
  CHECK(ds_group_norm(&x.view, 0, NULL, NULL, 0.1, &x.view, NULL, NULL) == DS_INVALID_SHAPE, "no groups");
  CHECK(ds_group_norm(&x.view, 2, NULL, NULL, 0.1, &x.view, &five.view, NULL) == DS_INVALID_SHAPE, "five statistics");
  CHECK(ds_group_norm(&x.view, 2, NULL, NULL, 0.1, &x.view, &four.view, &four.view) == DS_OK, "in place");
  test_fill(&six, 5.0, 1.0);
  CHECK(ds_group_norm_backward(&none.view, 2, &zero.view, &zero.view, NULL, &none.view, &none.view, &six.view, NULL) ==
            DS_OK, "an empty batch");
  CHECK(test_get(&six, 3) == 0.0, "and its weight gradient is zero");
  test_tensor *all[] = {&x, &none, &six, &five, &four, &zero};
  for (int i = 0; i < 6; i++) test_free(all[i]);
}

int main(void) {
  reference_gradient();
  const sample shapes[] = {{0, 2, {40, 6, 1, 1}, 0, 0, 0, 0}, {0, 3, {3, 6, 17, 1}, 0, 0, 0, 0},
                           {0, 4, {2, 6, 5, 7}, 0, 0, 0, 0},  {0, 4, {2, 12, 40, 33}, 0, 0, 0, 0}};
  const int64_t groups[] = {0, 1, 2, 6};
  for (int d = 0; d < 4; d++)
    for (int k = 0; k < 4; k++)
      for (int g = 0; g < 4; g++)
        for (int layout = 0; layout < TEST_LAYOUTS; layout++)
          for (int flags = 0; flags < 4; flags++) {
            sample s = shapes[k];
            // A group of one number has nothing to normalize.
            if (s.rank == 2 && groups[g] == 6) continue;
            // Planes longer than a segment, enough for threads to share: in a few of the cases.
            if (k == 3 && (layout + flags + d) % 4 != g) continue;
            s.dtype = types[d];
            s.groups = groups[g];
            s.layout = (test_layout)layout;
            s.training = flags & 1;
            s.parameters = flags & 2;
            check(&s);
          }
  refusals();
  return check_summary();
}
