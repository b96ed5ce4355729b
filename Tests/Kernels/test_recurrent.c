// LSTM and GRU cells against the definition in float64, their gradients against finite differences of it.
#include "check.h"
#include "ds_recurrent.h"
#include "tensors.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// One element's step; gates are sums of both products.
static void lstm(const double gates[4], double previous, double *h, double *c) {
  *c = sigmoid(gates[1]) * previous + sigmoid(gates[0]) * tanh(gates[2]);
  *h = sigmoid(gates[3]) * tanh(*c);
}

static double gru(const double x[3], const double recurrent[3], double previous) {
  double z = sigmoid(x[1] + recurrent[1]), n = tanh(x[2] + sigmoid(x[0] + recurrent[0]) * recurrent[2]);
  return (1 - z) * n + z * previous;
}

enum { BATCH = 3, WIDTH = 301 };
static const double step = 1e-5;

static tensor rows(int32_t dtype, int64_t gates) {
  const int64_t shape[2] = {BATCH, gates * WIDTH};
  return tensor_random_make(dtype, 2, shape, false);
}

static void test_lstm(int32_t dtype) {
  tensor x = rows(dtype, 4), recurrent = rows(dtype, 4), previous = rows(dtype, 1), h = rows(dtype, 1), c = rows(dtype, 1);
  tensor saved = rows(dtype, 4), dh = rows(dtype, 1), dc = rows(dtype, 1), dgates = rows(dtype, 4), back = rows(dtype, 1);
  CHECK(ds_lstm_cell(&x.view, &recurrent.view, &previous.view, &h.view, &c.view, &saved.view) == DS_OK, "lstm");
  ds_status status = ds_lstm_cell_backward(&saved.view, &previous.view, &c.view, &dh.view, &dc.view, &dgates.view,
                                           &back.view);
  CHECK(status == DS_OK, "lstm backward");
  double tolerance = tensor_tolerance(dtype) * 4;
  for (int64_t i = 0; i < BATCH * WIDTH; i++) {
    int64_t row = i / WIDTH * 4 * WIDTH + i % WIDTH;
    double gates[4], out, state, before = tensor_get(&previous, i), up = tensor_get(&dh, i), carried = tensor_get(&dc, i);
    for (int g = 0; g < 4; g++) gates[g] = tensor_get(&x, row + g * WIDTH) + tensor_get(&recurrent, row + g * WIDTH);
    lstm(gates, before, &out, &state);
    CHECK_CLOSE(tensor_get(&c, i), state, tolerance, tolerance, "lstm c dtype %d [%lld]", dtype, (long long)i);
    CHECK_CLOSE(tensor_get(&h, i), out, tolerance, tolerance, "lstm h dtype %d [%lld]", dtype, (long long)i);
    for (int g = 0; g < 5; g++) {
      double high, low, high_state, low_state, nudged = before;
      if (g < 4) gates[g] += step; else nudged += step;
      lstm(gates, nudged, &high, &high_state);
      if (g < 4) gates[g] -= 2 * step; else nudged -= 2 * step;
      lstm(gates, nudged, &low, &low_state);
      if (g < 4) gates[g] += step;
      double slope = (up * (high - low) + carried * (high_state - low_state)) / (2 * step);
      double actual = g < 4 ? tensor_get(&dgates, row + g * WIDTH) : tensor_get(&back, i);
      CHECK_CLOSE(actual, slope, 1e-7 + 16 * tolerance, 8 * tolerance, "lstm gradient %d dtype %d", g, dtype);
    }
  }
  tensor_free(&x), tensor_free(&recurrent), tensor_free(&previous), tensor_free(&h), tensor_free(&c);
  tensor_free(&saved), tensor_free(&dh), tensor_free(&dc), tensor_free(&dgates), tensor_free(&back);
}

static void test_gru(int32_t dtype) {
  tensor x = rows(dtype, 3), recurrent = rows(dtype, 3), previous = rows(dtype, 1), h = rows(dtype, 1);
  tensor saved = rows(dtype, 4), dh = rows(dtype, 1), dx = rows(dtype, 3), drecurrent = rows(dtype, 3);
  tensor back = rows(dtype, 1);
  CHECK(ds_gru_cell(&x.view, &recurrent.view, &previous.view, &h.view, &saved.view) == DS_OK, "gru");
  ds_status status = ds_gru_cell_backward(&saved.view, &previous.view, &dh.view, &dx.view, &drecurrent.view, &back.view);
  CHECK(status == DS_OK, "gru backward");
  double tolerance = tensor_tolerance(dtype) * 4;
  for (int64_t i = 0; i < BATCH * WIDTH; i++) {
    int64_t row = i / WIDTH * 3 * WIDTH + i % WIDTH;
    double in[7], up = tensor_get(&dh, i);
    for (int g = 0; g < 3; g++) {
      in[g] = tensor_get(&x, row + g * WIDTH);
      in[3 + g] = tensor_get(&recurrent, row + g * WIDTH);
    }
    in[6] = tensor_get(&previous, i);
    CHECK_CLOSE(tensor_get(&h, i), gru(in, in + 3, in[6]), tolerance, tolerance, "gru h dtype %d", dtype);
    for (int g = 0; g < 7; g++) {
      double middle = in[g];
      in[g] = middle + step;
      double high = gru(in, in + 3, in[6]);
      in[g] = middle - step;
      double low = gru(in, in + 3, in[6]);
      in[g] = middle;
      double actual = g == 6 ? tensor_get(&back, i) : tensor_get(g < 3 ? &dx : &drecurrent, row + g % 3 * WIDTH);
      CHECK_CLOSE(actual, up * (high - low) / (2 * step), 1e-7 + 32 * tolerance, 8 * tolerance, "gru gradient %d dtype %d",
                  g, dtype);
    }
  }
  tensor_free(&x), tensor_free(&recurrent), tensor_free(&previous), tensor_free(&h), tensor_free(&saved);
  tensor_free(&dh), tensor_free(&dx), tensor_free(&drecurrent), tensor_free(&back);
}

int main(void) {
  for (int32_t dtype = DS_FLOAT32; dtype <= DS_BFLOAT16; dtype++) {
    test_lstm(dtype);
    test_gru(dtype);
  }
  return check_summary();
}
