// Convolution and its gradients against the definition, in float64 and rounded types, over shapes picked at random.
#include "check.h"
#include "ds_convolution.h"
#include "tensors.h"

typedef struct problem {
  ds_window window;
  int64_t batch, groups, inputs, outputs, in[3], out[3];
} problem;

// Calls visit for each product of the definition: out[o] += x[i] * weight[w].
static void each_product(const problem *p, void (*visit)(void *, int64_t, int64_t, int64_t), void *context) {
  int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, before[3] = {0}, taps = 1;
  int32_t s = p->window.spatial;
  for (int32_t a = 0; a < s; a++) {
    kernel[3 - s + a] = p->window.kernel[a], stride[3 - s + a] = p->window.stride[a];
    dilation[3 - s + a] = p->window.dilation[a], before[3 - s + a] = p->window.before[a];
  }
  for (int i = 0; i < 3; i++) taps *= kernel[i];
  int64_t in_plane = p->in[0] * p->in[1] * p->in[2], out_plane = p->out[0] * p->out[1] * p->out[2];
  for (int64_t n = 0; n < p->batch; n++)
    for (int64_t o = 0; o < p->groups * p->outputs; o++)
      for (int64_t place = 0; place < out_plane; place++)
        for (int64_t t = 0; t < taps; t++) {
          int64_t at[3] = {place / (p->out[1] * p->out[2]), place / p->out[2] % p->out[1], place % p->out[2]};
          int64_t tap[3] = {t / (kernel[1] * kernel[2]), t / kernel[2] % kernel[1], t % kernel[2]}, flat = 0;
          bool inside = true;
          for (int i = 0; i < 3; i++) {
            int64_t source = at[i] * stride[i] - before[i] + tap[i] * dilation[i];
            inside &= source >= 0 && source < p->in[i];
            flat = flat * p->in[i] + source;
          }
          for (int64_t c = 0; inside && c < p->inputs; c++) {
            int64_t channel = o / p->outputs * p->inputs + c;
            visit(context, (n * p->groups * p->outputs + o) * out_plane + place,
                  (n * p->groups * p->inputs + channel) * in_plane + flat, (o * p->inputs + c) * taps + t);
          }
        }
}

typedef struct sums {
  const tensor *x, *weight, *dy;
  double *out, *dx, *dweight;
} sums;

static void add_product(void *context, int64_t o, int64_t i, int64_t w) {
  sums *s = context;
  s->out[o] += tensor_get(s->x, i) * tensor_get(s->weight, w);
  s->dx[i] += tensor_get(s->dy, o) * tensor_get(s->weight, w);
  s->dweight[w] += tensor_get(s->dy, o) * tensor_get(s->x, i);
}

// Halves are summed in float32 and rounded once; the sums' size sets how far rounding may take them.
static void expect(const tensor *actual, const double *expected, int32_t dtype, const char *what, int trial) {
  double size = 1;
  for (int64_t i = 0; i < tensor_count(actual); i++) size = fmax(size, fabs(expected[i]));
  for (int64_t i = 0; i < tensor_count(actual); i++) {
    CHECK_CLOSE(tensor_get(actual, i), expected[i], tensor_tolerance(dtype) * size, 0, "%s dtype %d trial %d [%lld]",
                what, dtype, trial, (long long)i);
  }
}

static void test_problem(const problem *p, int32_t dtype, bool strided, bool biased, int trial) {
  int32_t s = p->window.spatial, rank = s + 2;
  int64_t x_shape[5] = {p->batch, p->groups * p->inputs}, y_shape[5] = {p->batch, p->groups * p->outputs};
  int64_t w_shape[5] = {p->groups * p->outputs, p->inputs};
  for (int32_t a = 0; a < s; a++) {
    x_shape[2 + a] = p->in[3 - s + a], y_shape[2 + a] = p->out[3 - s + a], w_shape[2 + a] = p->window.kernel[a];
  }
  tensor x = tensor_random_make(dtype, rank, x_shape, strided), w = tensor_random_make(dtype, rank, w_shape, strided);
  tensor dy = tensor_random_make(dtype, rank, y_shape, strided), out = tensor_make(dtype, rank, y_shape, false);
  tensor dx = tensor_make(dtype, rank, x_shape, false), dw = tensor_make(dtype, rank, w_shape, false);
  tensor bias = tensor_random_make(dtype, 1, &y_shape[1], strided), back = tensor_random_make(dtype, 1, &x_shape[1], false);
  sums expected = {&x, &w, &dy, calloc((size_t)tensor_count(&out), 8), calloc((size_t)tensor_count(&x), 8),
                   calloc((size_t)tensor_count(&w), 8)};
  each_product(p, add_product, &expected);
  int64_t out_plane = p->out[0] * p->out[1] * p->out[2], in_plane = p->in[0] * p->in[1] * p->in[2];
  for (int64_t i = 0; biased && i < tensor_count(&out); i++) {
    expected.out[i] += tensor_get(&bias, i / out_plane % y_shape[1]);
  }
  for (int64_t i = 0; biased && i < tensor_count(&x); i++) {
    expected.dx[i] += tensor_get(&back, i / in_plane % x_shape[1]);
  }
  CHECK(ds_convolution(&x.view, &w.view, biased ? &bias.view : NULL, &p->window, p->groups, &out.view) == DS_OK,
        "convolution trial %d", trial);
  CHECK(ds_convolution_transposed(&dy.view, &w.view, biased ? &back.view : NULL, &p->window, p->groups, &dx.view) ==
            DS_OK, "transposed trial %d", trial);
  CHECK(ds_convolution_weight_gradient(&x.view, &dy.view, &p->window, p->groups, &dw.view) == DS_OK,
        "weight gradient trial %d", trial);
  expect(&out, expected.out, dtype, "convolution", trial);
  expect(&dx, expected.dx, dtype, "transposed", trial);
  expect(&dw, expected.dweight, dtype, "weight gradient", trial);
  free(expected.out), free(expected.dx), free(expected.dweight);
  tensor_free(&x), tensor_free(&w), tensor_free(&dy), tensor_free(&out), tensor_free(&dx), tensor_free(&dw);
  tensor_free(&bias), tensor_free(&back);
}

static problem random_problem(void) {
  static const int64_t channels[][3] = {{1, 3, 5}, {2, 4, 3}, {5, 1, 1}, {4, 1, 2}, {1, 16, 33}, {1, 1, 1}};
  const int64_t *c = channels[tensor_below(6)];
  problem p = {.batch = 1 + tensor_below(2), .groups = c[0], .inputs = c[1], .outputs = c[2], .in = {1, 1, 1},
               .out = {1, 1, 1}, .window = {.spatial = 1 + (int32_t)tensor_below(3)}};
  bool unit = tensor_below(5) == 0;
  for (int32_t a = 0; a < p.window.spatial; a++) {
    ds_window *w = &p.window;
    w->kernel[a] = unit ? 1 : 1 + tensor_below(4);
    w->stride[a] = unit ? 1 : 1 + tensor_below(3);
    w->dilation[a] = 1 + tensor_below(2);
    w->before[a] = unit ? 0 : tensor_below(4);
    w->after[a] = unit ? 0 : tensor_below(4);
    int32_t axis = 3 - w->spatial + a;
    p.in[axis] = (w->kernel[a] - 1) * w->dilation[a] + 1 + tensor_below(w->spatial == 3 ? 6 : 40);
    p.out[axis] = ds_window_places(w, a, p.in[axis], false);
  }
  return p;
}

// 3 x 3 kernels with stride one and enough channels and places for Winograd's form.
static problem winograd_problem(int trial) {
  static const int64_t channels[][3] = {{1, 16, 33}, {2, 17, 20}, {1, 40, 64}, {1, 64, 32}};
  const int64_t *c = channels[trial % 4];
  problem p = {.batch = 1 + tensor_below(3), .groups = c[0], .inputs = c[1], .outputs = c[2], .in = {1, 1, 1},
               .out = {1, 1, 1}, .window = {.spatial = 2}};
  for (int32_t a = 0; a < 2; a++) {
    ds_window *w = &p.window;
    w->kernel[a] = 3, w->stride[a] = w->dilation[a] = 1;
    w->before[a] = trial % 3 == 0 ? 1 : tensor_below(4), w->after[a] = trial % 3 == 0 ? 1 : tensor_below(4);
    p.in[1 + a] = 10 + tensor_below(14);
    p.out[1 + a] = ds_window_places(w, a, p.in[1 + a], false);
  }
  return p;
}

int main(void) {
  for (int trial = 0; trial < 60; trial++) {
    problem p = random_problem();
    test_problem(&p, trial % 4, trial % 3 == 0, trial % 2, trial);
    test_problem(&p, DS_FLOAT32, trial % 3 == 1, trial % 5 == 0, trial);
  }
  for (int trial = 0; trial < 12; trial++) {
    problem p = winograd_problem(trial);
    test_problem(&p, trial == 5 ? DS_BFLOAT16 : DS_FLOAT32, trial % 3 == 1, trial % 2, 100 + trial);
  }
  problem wrong = random_problem();
  const int64_t shape[3] = {1, 2, 3};
  tensor t = tensor_make(DS_FLOAT32, 3, shape, false);
  wrong.window.spatial = 1;
  wrong.window.stride[0] = 0;
  CHECK(ds_convolution(&t.view, &t.view, NULL, &wrong.window, 1, &t.view) == DS_INVALID_SHAPE, "a stride of zero");
  wrong.window.stride[0] = 1;
  CHECK(ds_convolution(&t.view, &t.view, NULL, &wrong.window, 0, &t.view) == DS_INVALID_SHAPE, "no groups");
  tensor_free(&t);
  return check_summary();
}
