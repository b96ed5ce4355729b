// Tests of numbers as they come back from few bits, and of their gradients: against each step rounded by itself.
#include "check.h"
#include "ds_elementwise.h"
#include "tensors.h"

static const char *const part_names[] = {"value", "input", "scale", "zero"};

// In float where the kernel computes in float.
#define EXPECTED(TYPE, ROUND)                                                    \
  static double expected_##TYPE(int32_t part, double x_, double s_, double z_, double g_, double low, double high) { \
    const TYPE x = (TYPE)x_, s = (TYPE)s_, z = (TYPE)z_, g = (TYPE)g_;           \
    const TYPE r = x / s, rounded = ROUND(r), q = rounded + z;                   \
    const TYPE kept = q < (TYPE)low ? (TYPE)low : q > (TYPE)high ? (TYPE)high : q; \
    const bool outside = q < (TYPE)low || q > (TYPE)high;                        \
    const TYPE moved = kept - z, left = q - z, slope = left - r;                 \
    switch (part) {                                                              \
      case DS_FAKE_QUANTIZE_VALUE:                                               \
        return moved * s;                                                        \
      case DS_FAKE_QUANTIZE_INPUT:                                               \
        return outside ? 0 : g;                                                  \
      case DS_FAKE_QUANTIZE_SCALE:                                               \
        return g * (outside ? moved : slope);                                    \
      default:                                                                   \
        return outside ? -(g * s) : 0;                                           \
    }                                                                            \
  }
EXPECTED(float, rintf)
EXPECTED(double, rint)

// Scales and zero points for each element, for each row, or one for all.
enum { SHARES = 3 };

static void test(int32_t dtype, int64_t rows, int64_t columns, bool strided, int share) {
  const int64_t shape[2] = {rows, columns};
  const int64_t few[2] = {share == 2 ? 1 : rows, share == 0 ? columns : 1};
  tensor x = tensor_make(dtype, 2, shape, strided), above = tensor_make(dtype, 2, shape, false);
  tensor scale = tensor_make(dtype, 2, few, false), zero = tensor_make(dtype, 2, few, false);
  tensor out = tensor_make(dtype, 2, shape, false);
  const double low = -8, high = 7;
  for (int64_t i = 0; i < rows * columns; i++) {
    // Halves and limits are hit exactly now and then.
    tensor_set(&x, i, i % 37 == 5 ? NAN : (double)(tensor_below(129) - 64) / 4);
    tensor_set(&above, i, (double)(tensor_below(65) - 32) / 8);
  }
  for (int64_t i = 0; i < few[0] * few[1]; i++) {
    tensor_set(&scale, i, (double)(1 + tensor_below(8)) / 4);
    tensor_set(&zero, i, (double)(tensor_below(5) - 2));
  }
  ds_view s = scale.view, z = zero.view;
  for (int axis = 0; axis < 2; axis++) {
    if (few[axis] == 1) s.strides[axis] = z.strides[axis] = 0;
    s.shape[axis] = z.shape[axis] = shape[axis];
  }
  for (int32_t part = 0; part < DS_FAKE_QUANTIZE_PARTS; part++) {
    const ds_view *upstream = part == DS_FAKE_QUANTIZE_VALUE ? NULL : &above.view;
    CHECK(ds_fake_quantize((ds_fake_quantize_part)part, &x.view, &s, &z, upstream, low, high, &out.view) == DS_OK,
          "%s of dtype %d", part_names[part], dtype);
    for (int64_t i = 0; i < rows * columns; i++) {
      const int64_t at = i / columns % few[0] * few[1] + i % columns % few[1];
      const double a = tensor_get(&x, i), b = tensor_get(&scale, at), c = tensor_get(&zero, at);
      const double g = tensor_get(&above, i);
      const double expected = dtype == DS_FLOAT64 ? expected_double(part, a, b, c, g, low, high)
                                                  : expected_float(part, a, b, c, g, low, high);
      // The 16-bit types round the result once more.
      const double tolerance = dtype == DS_BFLOAT16 ? 0x1p-8 : dtype == DS_FLOAT16 ? 0x1p-11 : 0;
      CHECK_CLOSE(tensor_get(&out, i), expected, 0, tolerance, "%s of dtype %d, %lld by %lld, share %d, element %lld",
                  part_names[part], dtype, (long long)rows, (long long)columns, share, (long long)i);
    }
  }
  tensor *all[] = {&x, &above, &scale, &zero, &out};
  for (int i = 0; i < 5; i++) free(all[i]->memory);
}

int main(void) {
  static const int64_t shapes[][2] = {{1, 1}, {3, 5}, {2, 16}, {7, 33}, {4, 600}, {1, 5000}, {90, 1000}};
  static const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};
  for (int i = 0; i < 7; i++) {
    for (int t = 0; t < 4; t++) {
      for (int share = 0; share < SHARES; share++) {
        for (int strided = 0; strided < 2; strided++) test(types[t], shapes[i][0], shapes[i][1], strided, share);
      }
    }
  }
  const int64_t shape[1] = {4};
  tensor a = tensor_make(DS_INT32, 1, shape, false), b = tensor_make(DS_FLOAT32, 1, shape, false);
  CHECK(ds_fake_quantize(DS_FAKE_QUANTIZE_VALUE, &a.view, &a.view, &a.view, NULL, 0, 1, &a.view) == DS_UNSUPPORTED_DTYPE,
        "integers");
  CHECK(ds_fake_quantize(DS_FAKE_QUANTIZE_INPUT, &b.view, &b.view, &b.view, &a.view, 0, 1, &b.view) == DS_UNSUPPORTED_DTYPE,
        "two types");
  free(a.memory);
  free(b.memory);
  return check_summary();
}
