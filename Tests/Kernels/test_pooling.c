// Pooling and resizing against the definition, over windows picked at random; gradients by the linear maps themselves.
#include "check.h"
#include "ds_pooling.h"
#include "tensors.h"

typedef struct problem {
  ds_window window;
  int32_t rank;
  int64_t in_shape[5], out_shape[5], in[3], out[3];
  bool adaptive;
} problem;

static problem random_problem(bool adaptive, bool dilated) {
  problem p = {.in_shape = {2, 3}, .out_shape = {2, 3}, .in = {1, 1, 1}, .out = {1, 1, 1}, .adaptive = adaptive,
               .window = {.spatial = 1 + (int32_t)tensor_below(3)}};
  p.rank = p.window.spatial + 2;
  bool ceiling = tensor_below(2);
  for (int32_t a = 0; a < p.window.spatial; a++) {
    ds_window *w = &p.window;
    w->kernel[a] = 1 + tensor_below(4);
    w->stride[a] = 1 + tensor_below(3);
    w->dilation[a] = dilated ? 1 + tensor_below(2) : 1;
    w->before[a] = tensor_below(w->kernel[a] / 2 + 1);
    w->after[a] = tensor_below(w->kernel[a] / 2 + 1);
    int32_t axis = 3 - w->spatial + a;
    p.in[axis] = p.in_shape[2 + a] = (w->kernel[a] - 1) * w->dilation[a] + 1 + tensor_below(p.rank == 5 ? 5 : 45);
    p.out[axis] = adaptive ? 1 + tensor_below(9) : ds_window_places(w, a, p.in[axis], ceiling);
    p.out_shape[2 + a] = p.out[axis];
  }
  return p;
}

// Windows of 2 x 2 side by side, on planes of even and odd sizes: they have a way of their own.
static problem squares_problem(void) {
  problem p = {.rank = 4, .in_shape = {2, 3}, .out_shape = {2, 3}, .in = {1, 1, 1}, .out = {1, 1, 1},
               .window = {.spatial = 2, .kernel = {2, 2}, .stride = {2, 2}, .dilation = {1, 1}}};
  for (int32_t a = 0; a < 2; a++) {
    p.in[1 + a] = p.in_shape[2 + a] = 2 + tensor_below(90);
    p.out[1 + a] = p.out_shape[2 + a] = ds_window_places(&p.window, a, p.in[1 + a], false);
  }
  return p;
}

// The elements of spatial axis `axis` (of three) that place `o` covers, in `covered`; returns how many.
static int64_t cover(const problem *p, int32_t axis, int64_t o, int64_t covered[64], int64_t *padded) {
  int32_t a = axis - (3 - p->window.spatial);
  int64_t count = 0;
  *padded = 1;
  if (a < 0) return covered[0] = 0, 1;
  if (p->adaptive) {
    for (int64_t i = o * p->in[axis] / p->out[axis]; i * p->out[axis] < (o + 1) * p->in[axis]; i++) covered[count++] = i;
    return count;
  }
  *padded = 0;
  for (int64_t k = 0; k < p->window.kernel[a]; k++) {
    int64_t i = o * p->window.stride[a] - p->window.before[a] + k * p->window.dilation[a];
    *padded += i < p->in[axis] + p->window.after[a];
    if (i >= 0 && i < p->in[axis]) covered[count++] = i;
  }
  return count;
}

static void test_pool(const problem *p, int32_t dtype, bool strided, bool include_padding, bool average) {
  tensor x = tensor_random_make(dtype, p->rank, p->in_shape, strided);
  tensor dy = tensor_random_make(dtype, p->rank, p->out_shape, strided), out = tensor_make(dtype, p->rank, p->out_shape, false);
  tensor indices = tensor_make(DS_INT64, p->rank, p->out_shape, false), dx = tensor_make(dtype, p->rank, p->in_shape, false);
  tensor plain = tensor_make(dtype, p->rank, p->out_shape, false);
  ds_status status;
  if (average) {
    status = p->adaptive ? ds_adaptive_average_pool(&x.view, &out.view)
                         : ds_average_pool(&x.view, &p->window, include_padding, &out.view);
    CHECK(status == DS_OK, "average pool");
    status = p->adaptive ? ds_adaptive_average_pool_backward(&dy.view, &dx.view)
                         : ds_average_pool_backward(&dy.view, &p->window, include_padding, &dx.view);
  } else {
    status = p->adaptive ? ds_adaptive_max_pool(&x.view, &out.view, &indices.view)
                         : ds_max_pool(&x.view, &p->window, &out.view, &indices.view);
    CHECK(status == DS_OK, "max pool");
    status = p->adaptive ? ds_adaptive_max_pool(&x.view, &plain.view, NULL)
                         : ds_max_pool(&x.view, &p->window, &plain.view, NULL);
    CHECK(status == DS_OK, "max pool without indices");
    status = ds_max_pool_backward(&dy.view, &indices.view, &dx.view);
  }
  CHECK(status == DS_OK, "pool backward");

  int64_t in_plane = p->in[0] * p->in[1] * p->in[2], out_plane = p->out[0] * p->out[1] * p->out[2];
  double *gradient = calloc((size_t)tensor_count(&x), sizeof(double)), tolerance = tensor_tolerance(dtype);
  for (int64_t i = 0; i < tensor_count(&out); i++) {
    int64_t plane = i / out_plane, place = i % out_plane, covered[3][64], count[3], padded = 1, extra, at = -1;
    const int64_t o[3] = {place / (p->out[1] * p->out[2]), place / p->out[2] % p->out[1], place % p->out[2]};
    for (int32_t a = 0; a < 3; a++) {
      count[a] = cover(p, a, o[a], covered[a], &extra);
      padded *= p->adaptive ? count[a] : extra;
    }
    double best = -INFINITY, sum = 0;
    int64_t total = count[0] * count[1] * count[2], divisor = include_padding && !p->adaptive ? padded : total;
    for (int64_t t = 0; t < total; t++) {
      int64_t z = covered[0][t / (count[1] * count[2])], y = covered[1][t / count[2] % count[1]];
      int64_t flat = (z * p->in[1] + y) * p->in[2] + covered[2][t % count[2]];
      double value = tensor_get(&x, plane * in_plane + flat);
      if (at < 0 || value > best) best = value, at = flat;
      sum += value;
      if (average) gradient[plane * in_plane + flat] += tensor_get(&dy, i) / (double)divisor;
    }
    if (average) {
      double mean = divisor > 0 ? sum / (double)divisor : 0;
      CHECK_CLOSE(tensor_get(&out, i), mean, 8 * tolerance, tolerance, "average dtype %d", dtype);
      continue;
    }
    CHECK(tensor_get(&out, i) == best && tensor_get(&plain, i) == best, "max dtype %d [%lld]", dtype, (long long)i);
    CHECK((int64_t)tensor_get(&indices, i) == at, "place of the max dtype %d [%lld]", dtype, (long long)i);
    if (at >= 0) gradient[plane * in_plane + at] += tensor_get(&dy, i);
  }
  for (int64_t i = 0; i < tensor_count(&x); i++) {
    CHECK_CLOSE(tensor_get(&dx, i), gradient[i], 64 * tolerance, tolerance, "pool gradient dtype %d", dtype);
  }
  free(gradient);
  tensor_free(&x), tensor_free(&dy), tensor_free(&out), tensor_free(&indices), tensor_free(&dx), tensor_free(&plain);
}

// What output place o shows of an axis: (1 - weight) of low and weight of low + 1.
static double shown(int64_t o, int64_t in, int64_t out, ds_resize_mode mode, ds_resize_coordinates c, int64_t *low) {
  double scale = (double)in / (double)out;
  double at = c == DS_RESIZE_HALF_PIXEL      ? ((double)o + 0.5) * scale - 0.5
              : c == DS_RESIZE_ASYMMETRIC    ? (double)o * scale
              : out > 1                      ? (double)(o * (in - 1)) / (double)(out - 1)
                                             : 0;
  if (mode == DS_RESIZE_NEAREST_CEIL) at = ceil(at);
  if (mode == DS_RESIZE_NEAREST_FLOOR) at = floor(at);
  if (mode == DS_RESIZE_NEAREST_HALF_UP) at = floor(at + 0.5);
  if (mode == DS_RESIZE_NEAREST_HALF_DOWN) at = ceil(at - 0.5);
  at = fmin(fmax(at, 0), (double)(in - 1));
  *low = (int64_t)floor(at);
  return at - (double)*low;
}

static void test_resize(int32_t dtype, bool strided, ds_resize_mode mode, ds_resize_coordinates coordinates) {
  // Sizes whose ratio is a power of two, so that float32 and double agree on which element is nearer.
  const int64_t sizes[][2] = {{8, 16}, {16, 4}, {5, 20}, {7, 7}, {6, 3}};
  const int64_t *h = sizes[tensor_below(5)], *w = sizes[tensor_below(5)];
  const int64_t in_shape[4] = {2, 2, h[0], w[0]}, out_shape[4] = {2, 2, h[1], w[1]};
  tensor x = tensor_random_make(dtype, 4, in_shape, strided), out = tensor_make(dtype, 4, out_shape, false);
  tensor dy = tensor_random_make(dtype, 4, out_shape, strided), dx = tensor_make(dtype, 4, in_shape, false);
  CHECK(ds_resize(&x.view, mode, coordinates, NULL, &out.view) == DS_OK, "resize");
  CHECK(ds_resize_backward(&dy.view, mode, coordinates, NULL, &dx.view) == DS_OK, "resize backward");
  double *gradient = calloc((size_t)tensor_count(&x), sizeof(double)), tolerance = tensor_tolerance(dtype);
  for (int64_t i = 0; i < tensor_count(&out); i++) {
    int64_t plane = i / (h[1] * w[1]), y, z;
    double down = shown(i / w[1] % h[1], h[0], h[1], mode, coordinates, &y), expected = 0;
    double right = shown(i % w[1], w[0], w[1], mode, coordinates, &z);
    for (int corner = 0; corner < 4; corner++) {
      double weight = (corner & 2 ? down : 1 - down) * (corner & 1 ? right : 1 - right);
      if (weight == 0) continue;
      int64_t source = (plane * h[0] + y + (corner >> 1)) * w[0] + z + (corner & 1);
      expected += weight * tensor_get(&x, source);
      gradient[source] += weight * tensor_get(&dy, i);
    }
    CHECK_CLOSE(tensor_get(&out, i), expected, 8 * tolerance, tolerance, "resize mode %d by %d", mode, coordinates);
  }
  for (int64_t i = 0; i < tensor_count(&x); i++) {
    CHECK_CLOSE(tensor_get(&dx, i), gradient[i], 64 * tolerance, tolerance, "resize gradient mode %d", mode);
  }
  free(gradient);
  tensor_free(&x), tensor_free(&out), tensor_free(&dy), tensor_free(&dx);
}

int main(void) {
  for (int trial = 0; trial < 120; trial++) {
    problem sliding = random_problem(false, false), dilated = random_problem(false, true);
    problem adaptive = random_problem(true, false);
    if (trial % 8 == 0) dilated = squares_problem();
    test_pool(&dilated, trial % 4, trial % 3 == 0, false, false);
    test_pool(&sliding, trial % 4, trial % 3 == 1, trial & 4, true);
    test_pool(&adaptive, trial % 4, trial % 3 == 2, false, trial & 8);
    test_resize(trial % 4, trial & 16, trial % 5, trial % 3);
  }
  const int64_t in[3] = {1, 1, 4}, out[3] = {1, 1, 1};
  tensor dx = tensor_make(DS_FLOAT32, 3, in, false), dy = tensor_make(DS_FLOAT32, 3, out, false);
  tensor index = tensor_make(DS_INT64, 3, out, false);
  tensor_set(&index, 0, 4);
  CHECK(ds_max_pool_backward(&dy.view, &index.view, &dx.view) == DS_INDEX_OUT_OF_RANGE, "an index past the plane");
  tensor_free(&dx), tensor_free(&dy), tensor_free(&index);
  return check_summary();
}
