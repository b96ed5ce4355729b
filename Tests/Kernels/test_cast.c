// Conversion between every two dtypes against conversion one element at a time, strided copies and transposes in every
// layout, and the exact bits of the narrow floats.
#include <stdint.h>

#include "check.h"
#include "ds_elementwise.h"
#include "layouts.h"

static bool is_integer(int dtype) {
  return (dtype >= DS_INT8 && dtype <= DS_BOOL) || (dtype >= DS_UINT16 && dtype <= DS_UINT64);
}

// What C makes of a number that fits, and the header's rules of one that doesn't.
static double as_integer(double v, int dtype) {
  const double low[] = {[DS_INT32] = -2147483648.0, [DS_INT64] = -9223372036854775808.0, [DS_UINT64] = 0};
  const double high[] = {[DS_INT32] = 2147483647.0, [DS_INT64] = 9223372036854775807.0, [DS_UINT32] = 4294967295.0,
                         [DS_UINT64] = 18446744073709551615.0};
  if (dtype == DS_BOOL) return v != 0;
  if (v != v) return 0;
  bool narrow = dtype == DS_INT8 || dtype == DS_UINT8 || dtype == DS_INT16 || dtype == DS_UINT16;
  int type = narrow ? DS_INT32 : dtype;
  double least = type == DS_UINT32 ? 0 : low[type];
  v = trunc(v);
  v = v < least ? least : v > high[type] ? high[type] : v;
  int64_t bits = narrow ? (int64_t)v : 0;
  switch (dtype) {
    case DS_INT8: return (int8_t)bits;
    case DS_UINT8: return (uint8_t)bits;
    case DS_INT16: return (int16_t)bits;
    case DS_UINT16: return (uint16_t)bits;
    default: return v;
  }
}

static void test_pairs(void) {
  const double values[] = {0, 1, -1, 2.5, -2.5, 100.7, -100.7, 200, 300, -300, 40000, 70000, -70000, 3e9, -3e9, 1e19,
                           -1e19, 1e-3, 0.1, 57344, NAN, HUGE_VAL, -HUGE_VAL, 448, 464, 465, 65504, 65520};
  enum { N = sizeof values / sizeof *values };
  for (int from = 0; from < DS_DTYPE_COUNT; from++) {
    double in[N];
    for (int i = 0; i < N; i++) {
      in[i] = is_integer(from) && !(fabs(values[i]) < 100) ? (double)(i % 50) : from == DS_BOOL ? (values[i] != 0) : values[i];
      if (is_integer(from)) in[i] = from == DS_BOOL || from == DS_UINT8 || from >= DS_UINT16 ? fabs(trunc(in[i])) : trunc(in[i]);
    }
    const int64_t shape[1] = {N};
    layout_tensor x = make_layout(in, (ds_dtype)from, 1, shape, from % LAYOUTS);
    read_layout(&x.view, in);
    for (int to = 0; to < DS_DTYPE_COUNT; to++) {
      char memory[N * 8];
      double actual[N];
      ds_view out = vector_view(memory, (ds_dtype)to, N);
      CHECK(ds_cast(&x.view, &out) == DS_OK, "cast %d to %d", from, to);
      read_layout(&out, actual);
      for (int i = 0; i < N; i++) {
        double v = in[i], expected = v, relative = 0, absolute = 0, limit = HUGE_VAL;
        if (is_integer(to)) {
          // Integers wrap instead; the numbers chosen for them fit in int8 or wrap from negative ones.
          if (is_integer(from) && v < 0 && (to == DS_UINT8 || to >= DS_UINT16)) {
            double modulus = to == DS_UINT8 ? 256 : to == DS_UINT16 ? 65536 : to == DS_UINT32 ? 4294967296.0 : 0x1p64;
            expected = modulus + v;
          } else {
            expected = as_integer(v, to);
          }
        } else if (to == DS_FLOAT32 || to == DS_COMPLEX64) {
          expected = (float)v;
        } else if (to == DS_BFLOAT16) {
          relative = 0x1p-8;
        } else if (to == DS_FLOAT16) {
          relative = 0x1p-11, limit = 65520, absolute = 0x1p-25;
        } else if (to == DS_FLOAT8_E4M3) {
          relative = 0x1p-4, limit = 464.0000001, absolute = 0x1p-10;
        } else if (to == DS_FLOAT8_E5M2) {
          relative = 0x1p-3, limit = 61440, absolute = 0x1p-17;
        }
        if (!is_integer(to) && fabs(v) >= limit) expected = to == DS_FLOAT8_E4M3 ? NAN : v > 0 ? HUGE_VAL : -HUGE_VAL;
        CHECK_CLOSE(actual[i], expected, absolute, relative, "%.17g cast from dtype %d to %d", v, from, to);
      }
    }
    free(x.memory);
  }
}

// Every float16 and bfloat16 there and back, and every midpoint between two of them.
static void test_bits(void) {
  static uint16_t bits[65536], back[65536];
  static float values[65536];
  const ds_dtype narrow[] = {DS_FLOAT16, DS_BFLOAT16};
  for (int k = 0; k < 2; k++) {
    for (int i = 0; i < 65536; i++) bits[i] = (uint16_t)i;
    ds_view n = vector_view(bits, narrow[k], 65536), f = vector_view(values, DS_FLOAT32, 65536);
    ds_view b = vector_view(back, narrow[k], 65536);
    ds_cast(&n, &f);
    ds_cast(&f, &b);
    int mantissa = k == 0 ? 10 : 7, bias = k == 0 ? 15 : 127, top = k == 0 ? 31 : 255;
    for (int i = 0; i < 65536; i++) {
      int exponent = (i & 0x7FFF) >> mantissa, fraction = i & ((1 << mantissa) - 1);
      double value = exponent == top ? (fraction ? NAN : HUGE_VAL)
                     : exponent == 0 ? ldexp(fraction, 1 - bias - mantissa)
                                     : ldexp(fraction + (1 << mantissa), exponent - bias - mantissa);
      if (i & 0x8000) value = -value;
      CHECK_CLOSE(values[i], value, 0, 0, "the value of %04x in dtype %d", i, narrow[k]);
      CHECK(value != value ? (back[i] & 0x7FFF) > top << mantissa : back[i] == i, "%04x comes back as %04x", i, back[i]);
    }
    // The midpoint of two neighbours goes to the even one, a hair above it up.
    static float middle[32768], above[32768];
    static uint16_t to_even[32768], up[32768];
    int count = top << mantissa;
    for (int i = 0; i < count - 1; i++) {
      middle[i] = (float)(((double)values[i] + values[i + 1]) / 2);
      above[i] = nextafterf(middle[i], INFINITY);
    }
    ds_view m = vector_view(middle, DS_FLOAT32, count - 1), a = vector_view(above, DS_FLOAT32, count - 1);
    ds_view e = vector_view(to_even, narrow[k], count - 1), u = vector_view(up, narrow[k], count - 1);
    ds_cast(&m, &e);
    ds_cast(&a, &u);
    for (int i = 0; i < count - 1; i++) {
      CHECK(to_even[i] == (i & 1 ? i + 1 : i), "the middle after %04x became %04x", i, to_even[i]);
      CHECK(up[i] == i + 1, "above the middle after %04x became %04x", i, up[i]);
    }
    // From double there is one rounding, not two.
    double just_above = ((double)values[0x3C00] + values[0x3C01]) / 2 * (1 + 0x1p-40);
    uint16_t once;
    ds_view d = vector_view(&just_above, DS_FLOAT64, 1), o = vector_view(&once, narrow[k], 1);
    ds_cast(&d, &o);
    CHECK(once == 0x3C01, "a double above the middle was rounded twice: %04x", once);
  }
}

static void test_float8(void) {
  uint8_t bits[256], back[256];
  float values[256];
  const ds_dtype narrow[] = {DS_FLOAT8_E4M3, DS_FLOAT8_E5M2};
  for (int k = 0; k < 2; k++) {
    for (int i = 0; i < 256; i++) bits[i] = (uint8_t)i;
    ds_view n = vector_view(bits, narrow[k], 256), f = vector_view(values, DS_FLOAT32, 256);
    ds_view b = vector_view(back, narrow[k], 256);
    ds_cast(&n, &f);
    ds_cast(&f, &b);
    int finite = k == 0 ? 0x7F : 0x7C;
    for (int i = 0; i < 256; i++) {
      CHECK(values[i] != values[i] ? (back[i] & 0x7F) == 0x7F : back[i] == i, "float8 %02x comes back as %02x", i, back[i]);
    }
    CHECK(values[finite - 1] == (k == 0 ? 448.0f : 57344.0f), "the largest is %g", values[finite - 1]);
    for (int i = 0; i < finite - 1; i++) {
      float middle = (values[i] + values[i + 1]) / 2, above = nextafterf(middle, INFINITY);
      uint8_t even, up;
      ds_view m = vector_view(&middle, DS_FLOAT32, 1), a = vector_view(&above, DS_FLOAT32, 1);
      ds_view e = vector_view(&even, narrow[k], 1), u = vector_view(&up, narrow[k], 1);
      ds_cast(&m, &e);
      ds_cast(&a, &u);
      CHECK(even == (i & 1 ? i + 1 : i) && up == i + 1, "between %02x and its neighbour: %02x and %02x", i, even, up);
    }
  }
}

// Copies from any layout to any other.
static void test_copies(void) {
  const int64_t shapes[][3] = {{3, 5, 7}, {2, 70, 45}, {1, 33, 64}, {2, 0, 3}, {65, 1, 90}, {4, 2, 100}};
  const ds_dtype dtypes[] = {DS_INT8, DS_FLOAT16, DS_FLOAT32, DS_FLOAT64, DS_COMPLEX64};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    int64_t count = shapes[s][0] * shapes[s][1] * shapes[s][2];
    double *x = malloc((size_t)(count + 1) * sizeof *x), *zero = calloc((size_t)count + 1, sizeof *zero);
    double *actual = malloc((size_t)(count + 1) * sizeof *actual);
    for (int64_t i = 0; i < count; i++) x[i] = (double)(i * 31 % 127);
    for (size_t t = 0; t < sizeof dtypes / sizeof *dtypes; t++) {
      for (int from = 0; from < LAYOUTS; from++) {
        for (int to = 0; to < LAYOUTS; to++) {
          layout_tensor a = make_layout(x, dtypes[t], 3, shapes[s], from);
          layout_tensor b = make_layout(zero, dtypes[t], 3, shapes[s], to);
          CHECK(ds_cast(&a.view, &b.view) == DS_OK, "copy");
          read_layout(&b.view, actual);
          int wrong = 0;
          for (int64_t i = 0; i < count; i++) wrong += actual[i] != x[i];
          CHECK(wrong == 0, "shape %d dtype %d, %s to %s: %d elements wrong", (int)s, dtypes[t], layout_names[from],
                layout_names[to], wrong);
          // Two dimensions exchanged on one side only: a transpose.
          ds_view turned = exchanged(a.view, 1, 2);
          int64_t turned_shape[3] = {shapes[s][0], shapes[s][2], shapes[s][1]};
          layout_tensor c = make_layout(zero, dtypes[t], 3, turned_shape, to);
          CHECK(ds_cast(&turned, &c.view) == DS_OK, "transpose");
          read_layout(&c.view, actual);
          for (int64_t i = 0; i < count; i++) {
            int64_t col = i % shapes[s][1], row = i / shapes[s][1] % shapes[s][2], plane = i / (shapes[s][1] * shapes[s][2]);
            wrong += actual[i] != x[(plane * shapes[s][1] + col) * shapes[s][2] + row];
          }
          CHECK(wrong == 0, "shape %d dtype %d, %s turned to %s: %d elements wrong", (int)s, dtypes[t],
                layout_names[from], layout_names[to], wrong);
          free(a.memory), free(b.memory), free(c.memory);
        }
      }
    }
    free(x), free(zero), free(actual);
  }
}

int main(void) {
  test_pairs();
  test_bits();
  test_float8();
  test_copies();
  return check_summary();
}
