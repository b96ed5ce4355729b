// Every optimizer against its published step in double, written element by element, over several steps and every option;
// sizes around vector and thread borders; norms and the detection of what is not finite.
#include "ds_optimizer.h"

#include "check.h"
#include "ds_threads.h"
#include "test_tensors.h"

enum { STEPS = 3, MOST_STATES = 4 };

// A parameter with its gradient and states, in the type under test and in double.
typedef struct fixture {
  ds_dtype dtype;
  int64_t count;
  void *buffers[2 + MOST_STATES];    // parameter, gradient, states
  double *expected[2 + MOST_STATES];
} fixture;

static void put(const fixture *f, int buffer, int64_t i, double x) {
  if (f->dtype == DS_FLOAT64) ((double *)f->buffers[buffer])[i] = x;
  else ((float *)f->buffers[buffer])[i] = (float)x;
}

static double get(const fixture *f, int buffer, int64_t i) {
  return f->dtype == DS_FLOAT64 ? ((double *)f->buffers[buffer])[i] : (double)((float *)f->buffers[buffer])[i];
}

static fixture make(ds_dtype dtype, int64_t count) {
  fixture f = {.dtype = dtype, .count = count};
  size_t bytes = dtype == DS_FLOAT64 ? 8 : 4;
  for (int b = 0; b < 2 + MOST_STATES; b++) {
    f.buffers[b] = calloc((size_t)count + (count == 0), bytes);
    f.expected[b] = calloc((size_t)count + (count == 0), sizeof(double));
  }
  for (int64_t i = 0; i < count; i++) {
    put(&f, 0, i, test_random());
    f.expected[0][i] = get(&f, 0, i);
  }
  return f;
}

static void drop(fixture *f) {
  for (int b = 0; b < 2 + MOST_STATES; b++) {
    free(f->buffers[b]);
    free(f->expected[b]);
  }
}

static void new_gradient(fixture *f) {
  for (int64_t i = 0; i < f->count; i++) {
    put(f, 1, i, i % 11 == 5 ? 0.0 : 4.0 * test_random());
    f->expected[1][i] = get(f, 1, i);
  }
}

static void compare(const fixture *f, const char *what, int variant, int step) {
  double slack = f->dtype == DS_FLOAT64 ? 1e-12 : 4e-6;
  for (int b = 0; b < 2 + MOST_STATES; b++) {
    if (b == 1) continue;
    // Of the long ones a share that still meets every lane and every thread's piece.
    for (int64_t i = 0; i < f->count; i += f->count > 1000 ? 17 : 1) {
      CHECK_CLOSE(get(f, b, i), f->expected[b][i], slack, slack, "%s, variant %d, step %d, buffer %d, element %d of %d",
                  what, variant, step, b, (int)i, (int)f->count);
    }
  }
}

#define P f.expected[0][i]
#define G (f.expected[1][i] * 0.5)
#define S0 f.expected[2][i]
#define S1 f.expected[3][i]
#define S2 f.expected[4][i]
#define EACH for (int64_t i = 0; i < count; i++)

static void sgd(ds_dtype dtype, int64_t count) {
  for (int variant = 0; variant < 8; variant++) {
    fixture f = make(dtype, count);
    ds_sgd_options o = {.learning_rate = 0.1, .momentum = variant & 1 ? 0.9 : 0.0, .dampening = variant & 4 ? 0.3 : 0.0,
                        .weight_decay = 0.01, .gradient_scale = 0.5, .nesterov = (variant & 3) == 3};
    for (int step = 1; step <= STEPS; step++) {
      o.first_step = step == 1;
      new_gradient(&f);
      CHECK(ds_sgd(dtype, count, f.buffers[0], f.buffers[1], variant & 1 ? f.buffers[2] : NULL, &o) == DS_OK, "status");
      EACH {
        double g = G + 0.01 * P;
        if (variant & 1) {
          S0 = step == 1 ? g : 0.9 * S0 + (1.0 - o.dampening) * g;
          g = o.nesterov ? g + 0.9 * S0 : S0;
        }
        P -= 0.1 * g;
      }
      compare(&f, "sgd", variant, step);
    }
    drop(&f);
  }
}

static void adam(ds_dtype dtype, int64_t count) {
  for (int variant = 0; variant < 4; variant++) {
    fixture f = make(dtype, count);
    bool decoupled = variant & 1, largest = variant & 2;
    for (int step = 1; step <= STEPS; step++) {
      double c1 = 1.0 - pow(0.8, step), c2 = 1.0 - pow(0.9, step);
      ds_adam_options o = {0.05, 0.8, 0.9, 1e-3, 0.1, 0.5, c1, c2, decoupled};
      new_gradient(&f);
      CHECK(ds_adam(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], f.buffers[3], largest ? f.buffers[4] : NULL,
                    &o) == DS_OK, "status");
      EACH {
        double g = G + (decoupled ? 0.0 : 0.1 * P);
        if (decoupled) P *= 1.0 - 0.05 * 0.1;
        S0 = 0.8 * S0 + 0.2 * g;
        S1 = 0.9 * S1 + 0.1 * g * g;
        if (largest) S2 = fmax(S2, S1);
        P -= 0.05 * (S0 / c1) / (sqrt((largest ? S2 : S1) / c2) + 1e-3);
      }
      compare(&f, "adam", variant, step);
    }
    drop(&f);
  }
}

static void rmsprop(ds_dtype dtype, int64_t count) {
  for (int variant = 0; variant < 4; variant++) {
    fixture f = make(dtype, count);
    bool centered = variant & 1, moving = variant & 2;
    // A large epsilon: a centered variance of nearly zero is all rounding.
    ds_rmsprop_options o = {0.01, 0.9, 0.5, moving ? 0.7 : 0.0, 0.1, 0.5};
    for (int step = 1; step <= STEPS; step++) {
      new_gradient(&f);
      CHECK(ds_rmsprop(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], centered ? f.buffers[3] : NULL,
                       moving ? f.buffers[4] : NULL, &o) == DS_OK, "status");
      EACH {
        double g = G + 0.1 * P;
        S0 = 0.9 * S0 + 0.1 * g * g;
        if (centered) S1 = 0.9 * S1 + 0.1 * g;
        double d = g / (sqrt(S0 - S1 * S1) + 0.5);
        if (moving) d = S2 = 0.7 * S2 + d;
        P -= 0.01 * d;
      }
      compare(&f, "rmsprop", variant, step);
    }
    drop(&f);
  }
}

static void adagrad_and_lion(ds_dtype dtype, int64_t count) {
  fixture f = make(dtype, count);
  ds_adagrad_options a = {0.1, 1e-2, 0.1, 0.5};
  for (int step = 1; step <= STEPS; step++) {
    new_gradient(&f);
    CHECK(ds_adagrad(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], &a) == DS_OK, "status");
    EACH {
      double g = G + 0.1 * P;
      S0 += g * g;
      P -= 0.1 * g / (sqrt(S0) + 1e-2);
    }
    compare(&f, "adagrad", 0, step);
  }
  drop(&f);
  f = make(dtype, count);
  ds_lion_options l = {0.01, 0.9, 0.75, 0.1, 0.5};
  for (int step = 1; step <= STEPS; step++) {
    new_gradient(&f);
    CHECK(ds_lion(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], &l) == DS_OK, "status");
    EACH {
      double direction = 0.9 * S0 + 0.1 * G;
      P = P * (1.0 - 0.01 * 0.1) - 0.01 * ((direction > 0.0) - (direction < 0.0));
      S0 = 0.75 * S0 + 0.25 * G;
    }
    compare(&f, "lion", 0, step);
  }
  drop(&f);
}

static void lamb_and_lars(ds_dtype dtype, int64_t count) {
  for (int variant = 0; variant < 2; variant++) {  // 1: the parameter starts at zero, and has no norm to scale by
    fixture f = make(dtype, count);
    if (variant == 1) EACH put(&f, 0, i, P = 0.0);
    for (int step = 1; step <= STEPS; step++) {
      double c1 = 1.0 - pow(0.8, step), c2 = 1.0 - pow(0.9, step), p2 = 0.0, d2 = 0.0;
      ds_lamb_options o = {0.05, 0.8, 0.9, 1e-3, 0.1, 0.5, c1, c2};
      new_gradient(&f);
      CHECK(ds_lamb(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], f.buffers[3], &o) == DS_OK, "status");
      double *direction = calloc((size_t)count + 1, sizeof(double));
      EACH {
        S0 = 0.8 * S0 + 0.2 * G;
        S1 = 0.9 * S1 + 0.1 * G * G;
        direction[i] = S0 / c1 / (sqrt(S1 / c2) + 1e-3) + 0.1 * P;
        p2 += P * P;
        d2 += direction[i] * direction[i];
      }
      double trust = p2 > 0.0 && d2 > 0.0 ? sqrt(p2 / d2) : 1.0;
      EACH P -= 0.05 * trust * direction[i];
      free(direction);
      compare(&f, "lamb", variant, step);
    }
    drop(&f);
    f = make(dtype, count);
    if (variant == 1) EACH put(&f, 0, i, P = 0.0);
    ds_lars_options o = {0.05, 0.9, 0.1, 0.02, 1e-6, 0.5};
    for (int step = 1; step <= STEPS; step++) {
      new_gradient(&f);
      CHECK(ds_lars(dtype, count, f.buffers[0], f.buffers[1], f.buffers[2], &o) == DS_OK, "status");
      double p2 = 0.0, g2 = 0.0;
      EACH {
        p2 += P * P;
        g2 += G * G;
      }
      double local = p2 > 0.0 && g2 > 0.0 ? 0.02 * sqrt(p2) / (sqrt(g2) + 0.1 * sqrt(p2) + 1e-6) : 1.0;
      EACH {
        S0 = 0.9 * S0 + 0.05 * local * (G + 0.1 * P);
        P -= S0;
      }
      compare(&f, "lars", variant, step);
    }
    drop(&f);
  }
}

// buffers: 2 the row state (or all second moments), 3 the column state, 4 the momentum.
static void adafactor(ds_dtype dtype, int64_t matrices, int64_t rows, int64_t columns) {
  int64_t count = matrices * rows * columns;
  for (int variant = 0; variant < 16; variant++) {
    bool factored = variant & 1, moving = variant & 2, relative = variant & 4, scaled = variant & 8;
    fixture f = make(dtype, count);
    double *update = calloc((size_t)count + 1, sizeof(double));
    for (int step = 1; step <= STEPS; step++) {
      ds_adafactor_options o = {.learning_rate = 0.03, .epsilon1 = 1e-6, .epsilon2 = 1e-3, .clip_threshold = 0.7,
                                .decay_rate = -0.8, .beta1 = 0.9, .weight_decay = 0.2, .gradient_scale = 0.5,
                                .step = step, .relative_step = relative, .warmup = variant == 15,
                                .scale_parameter = scaled};
      new_gradient(&f);
      CHECK(ds_adafactor(dtype, matrices, rows, columns, f.buffers[0], f.buffers[1], f.buffers[2],
                         factored ? f.buffers[3] : NULL, moving ? f.buffers[4] : NULL, &o) == DS_OK, "status");
      double beta2 = 1.0 - pow(step, -0.8), p2 = 0.0, u2 = 0.0;
      for (int64_t m = 0; factored && m < matrices; m++) {
        double *row = f.expected[2] + m * rows, *column = f.expected[3] + m * columns, average = 0.0;
        for (int64_t r = 0; r < rows; r++) {
          double mean = 0.0;
          for (int64_t c = 0; c < columns; c++) {
            int64_t i = (m * rows + r) * columns + c;
            mean += (G * G + 1e-6) / (double)columns;
          }
          row[r] = beta2 * row[r] + (1.0 - beta2) * mean;
          average += row[r] / (double)rows;
        }
        for (int64_t c = 0; c < columns; c++) {
          double mean = 0.0;
          for (int64_t r = 0; r < rows; r++) {
            int64_t i = (m * rows + r) * columns + c;
            mean += (G * G + 1e-6) / (double)rows;
          }
          column[c] = beta2 * column[c] + (1.0 - beta2) * mean;
        }
        for (int64_t j = 0; j < rows * columns; j++) {
          int64_t i = m * rows * columns + j;
          update[i] = G / sqrt(row[j / columns] / average) / sqrt(column[j % columns]);
        }
      }
      EACH {
        if (!factored) {
          S0 = beta2 * S0 + (1.0 - beta2) * (G * G + 1e-6);
          update[i] = G / sqrt(S0);
        }
        u2 += update[i] * update[i] / (double)count;
        p2 += P * P / (double)count;
      }
      double rate = relative ? fmin(o.warmup ? 1e-6 * step : 1e-2, 1.0 / sqrt(step)) : 0.03;
      if (scaled) rate *= fmax(1e-3, sqrt(p2));
      EACH {
        double u = rate * update[i] / fmax(1.0, sqrt(u2) / 0.7);
        if (moving) u = S2 = 0.9 * S2 + 0.1 * u;
        P -= 0.2 * rate * P;
        P -= u;
      }
      compare(&f, "adafactor", variant, step);
    }
    free(update);
    drop(&f);
  }
}

static void squares(ds_dtype dtype, int64_t count) {
  fixture f = make(dtype, count);
  double sum, expected = 0.0;
  bool finite;
  EACH expected += P * P;
  CHECK(ds_gradient_squares(dtype, count, f.buffers[0], &sum, &finite) == DS_OK, "status");
  CHECK_CLOSE(sum, expected, 0.0, 1e-12, "sum of squares of %d", (int)count);
  CHECK(finite, "all are finite");
  int32_t threads = ds_thread_count();
  double alone;
  ds_set_thread_count(1);
  ds_gradient_squares(dtype, count, f.buffers[0], &alone, NULL);
  ds_set_thread_count(threads);
  CHECK(alone == sum, "one thread sums to another number");
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (int k = 0; k < 3 && count > 0; k++) {
    put(&f, 0, count - 1, bad[k]);
    CHECK(ds_gradient_squares(dtype, count, f.buffers[0], &sum, &finite) == DS_OK && !finite, "%g in the last place", bad[k]);
  }
  if (count > 1) {
    // Finite, though its square is beyond the type.
    put(&f, 0, count - 1, dtype == DS_FLOAT64 ? 1e300 : 1e38);
    CHECK(ds_gradient_squares(dtype, count, f.buffers[0], &sum, &finite) == DS_OK && finite, "a large number is finite");
  }
  drop(&f);
}

static void refusals(void) {
  float x[4] = {0};
  double sum;
  ds_sgd_options sgd_options = {.momentum = 0.9};
  ds_adafactor_options adafactor_options = {.step = 0};
  CHECK(ds_sgd(DS_FLOAT32, 4, x, x, NULL, &sgd_options) == DS_INVALID_SHAPE, "momentum without a buffer");
  CHECK(ds_gradient_squares(DS_FLOAT16, 4, x, &sum, NULL) == DS_UNSUPPORTED_DTYPE, "float16");
  CHECK(ds_gradient_squares(DS_FLOAT32, -1, x, &sum, NULL) == DS_INVALID_SHAPE, "a negative count");
  CHECK(ds_adafactor(DS_FLOAT32, 1, 2, 2, x, x, x, NULL, NULL, &adafactor_options) == DS_INVALID_SHAPE, "step zero");
  adafactor_options.step = 1;
  CHECK(ds_adafactor(DS_FLOAT32, 1, INT64_MAX, 2, x, x, x, NULL, NULL, &adafactor_options) == DS_INVALID_SHAPE, "too large");
}

int main(void) {
  const ds_dtype types[] = {DS_FLOAT32, DS_FLOAT64};
  const int64_t counts[] = {0, 1, 7, 16, 33, 70001};
  for (int d = 0; d < 2; d++) {
    for (int k = 0; k < 6; k++) {
      sgd(types[d], counts[k]);
      adam(types[d], counts[k]);
      rmsprop(types[d], counts[k]);
      adagrad_and_lion(types[d], counts[k]);
      lamb_and_lars(types[d], counts[k]);
      squares(types[d], counts[k]);
    }
    adafactor(types[d], 1, 5, 7);
    adafactor(types[d], 3, 16, 33);
    adafactor(types[d], 2, 300, 70);
    adafactor(types[d], 1, 1, 40000);
    adafactor(types[d], 0, 3, 3);
  }
  refusals();
  return check_summary();
}
