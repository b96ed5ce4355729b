// Indexing kernels against plain loops over every dtype, contiguous and strided.
#include "check.h"
#include "ds_indexing.h"
#include "tensors.h"

// A [3, 4, 5]-like shape seen as [outer, axis, inner].
static int64_t at(int64_t o, int64_t a, int64_t i, int64_t length, int64_t inner) { return (o * length + a) * inner + i; }

static tensor random_index(int32_t dtype, int32_t rank, const int64_t *shape, int64_t limit, bool strided) {
  tensor index = tensor_make(dtype, rank, shape, strided);
  for (int64_t i = 0; i < tensor_count(&index); i++) tensor_set(&index, i, (double)(tensor_below(2 * limit) - limit));
  return index;
}

static int64_t resolved(const tensor *index, int64_t i, int64_t limit) {
  int64_t value = (int64_t)tensor_get(index, i);
  return value < 0 ? value + limit : value;
}

static void expect(const tensor *out, const double *expected, double tolerance, const char *what) {
  for (int64_t i = 0; i < tensor_count(out); i++) {
    CHECK_CLOSE(tensor_get(out, i), expected[i], tolerance * 64, tolerance, "%s dtype %d [%lld]", what,
                out->view.dtype, (long long)i);
  }
}

static double combined(ds_scatter_mode mode, double a, double b) {
  switch (mode) {
    case DS_SCATTER_ADD: return a + b;
    case DS_SCATTER_MULTIPLY: return a * b;
    case DS_SCATTER_MAX: return a > b ? a : b;
    case DS_SCATTER_MIN: return a < b ? a : b;
    default: return b;
  }
}

static void test_gather_and_scatter(int32_t dtype, int32_t index_dtype, bool strided) {
  const int64_t shape[3] = {4, 6, 70};
  for (int32_t axis = 0; axis < 3; axis++) {
    int64_t picked[3] = {3, 5, 67};
    picked[axis] = 8;
    int64_t length = shape[axis];
    tensor x = tensor_random_make(dtype, 3, shape, strided), out = tensor_make(dtype, 3, picked, false);
    tensor index = random_index(index_dtype, 3, picked, length, strided);
    CHECK(ds_gather(&x.view, axis, &index.view, &out.view) == DS_OK, "gather axis %d", axis);
    tensor source = tensor_random_make(dtype, 3, picked, strided), changed = tensor_make(dtype, 3, shape, false);
    for (int64_t i = 0; i < tensor_count(&out); i++) {
      int64_t place[3] = {i / (picked[1] * picked[2]), i / picked[2] % picked[1], i % picked[2]};
      place[axis] = resolved(&index, i, length);
      double expected = tensor_get(&x, (place[0] * shape[1] + place[1]) * shape[2] + place[2]);
      CHECK(tensor_get(&out, i) == expected, "gather dtype %d axis %d [%lld]", dtype, axis, (long long)i);
    }
    // Products of quarters overflow small types, and repeated sums round: the modes without that are exact.
    for (ds_scatter_mode mode = DS_SCATTER_SET; mode <= DS_SCATTER_MIN; mode++) {
      if (mode == DS_SCATTER_MULTIPLY && dtype > DS_FLOAT64 && dtype != DS_INT64) continue;
      if (mode == DS_SCATTER_ADD && (dtype == DS_INT8 || dtype == DS_UINT8 || dtype == DS_BOOL)) continue;
      double *expected = calloc((size_t)tensor_count(&x), sizeof(double));
      for (int64_t i = 0; i < tensor_count(&x); i++) expected[i] = tensor_get(&x, i);
      for (int64_t i = 0; i < tensor_count(&source); i++) {
        int64_t place[3] = {i / (picked[1] * picked[2]), i / picked[2] % picked[1], i % picked[2]};
        place[axis] = resolved(&index, i, length);
        double *target = &expected[(place[0] * shape[1] + place[1]) * shape[2] + place[2]];
        *target = combined(mode, *target, tensor_get(&source, i));
      }
      ds_status status = ds_scatter(&x.view, axis, &index.view, &source.view, mode, &changed.view);
      CHECK(status == DS_OK, "scatter mode %d gives %d", mode, status);
      expect(&changed, expected, dtype == DS_BFLOAT16 ? 0.05 : dtype == DS_FLOAT32 && mode == DS_SCATTER_MULTIPLY ? 1e-4 : tensor_tolerance(dtype), "scatter");
      free(expected);
    }
    tensor_free(&x), tensor_free(&out), tensor_free(&index), tensor_free(&source), tensor_free(&changed);
  }
}

static void test_select_and_add(int32_t dtype, bool strided) {
  const int64_t shape[3] = {3, 7, 130}, counts[1] = {9};
  for (int32_t axis = 0; axis < 3; axis++) {
    int64_t picked[3] = {3, 7, 130}, outer = 1, inner = 1, length = shape[axis];
    picked[axis] = counts[0];
    for (int32_t i = 0; i < axis; i++) outer *= shape[i];
    for (int32_t i = axis + 1; i < 3; i++) inner *= shape[i];
    tensor x = tensor_random_make(dtype, 3, shape, strided), out = tensor_make(dtype, 3, picked, false);
    tensor index = random_index(DS_INT64, 1, counts, length, strided), sum = tensor_make(dtype, 3, shape, false);
    CHECK(ds_index_select(&x.view, axis, &index.view, &out.view) == DS_OK, "select axis %d", axis);
    CHECK(ds_index_add(&x.view, axis, &index.view, &out.view, &sum.view) == DS_OK, "index_add axis %d", axis);
    double *expected = calloc((size_t)tensor_count(&x), sizeof(double));
    for (int64_t i = 0; i < tensor_count(&x); i++) expected[i] = tensor_get(&x, i);
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t a = 0; a < counts[0]; a++) {
        for (int64_t i = 0; i < inner; i++) {
          int64_t source = at(o, resolved(&index, a, length), i, length, inner);
          double value = tensor_get(&x, source);
          CHECK(tensor_get(&out, at(o, a, i, counts[0], inner)) == value, "select dtype %d axis %d", dtype, axis);
          expected[source] = dtype == DS_BOOL ? (expected[source] != 0 || value != 0) : expected[source] + value;
        }
      }
    }
    if (dtype != DS_INT8 && dtype != DS_UINT8) expect(&sum, expected, tensor_tolerance(dtype), "index_add");
    free(expected);
    tensor_free(&x), tensor_free(&out), tensor_free(&index), tensor_free(&sum);
  }
}

static void test_rows(int32_t dtype) {
  const int64_t weight_shape[2] = {31, 200}, index_shape[2] = {5, 13}, out_shape[3] = {5, 13, 200};
  tensor weight = tensor_random_make(dtype, 2, weight_shape, false), out = tensor_make(dtype, 3, out_shape, false);
  tensor index = random_index(DS_INT64, 2, index_shape, 31, true);
  CHECK(ds_gather_rows(&weight.view, &index.view, &out.view) == DS_OK, "gather_rows");
  double *expected = calloc(31 * 200, sizeof(double));
  for (int64_t i = 0; i < 65 * 200; i++) {
    int64_t row = resolved(&index, i / 200, 31);
    CHECK(tensor_get(&out, i) == tensor_get(&weight, row * 200 + i % 200), "row %lld", (long long)row);
    if (row != 4) expected[row * 200 + i % 200] += tensor_get(&out, i);
  }
  tensor gradient = tensor_make(dtype, 2, weight_shape, false);
  CHECK(ds_gather_rows_backward(&out.view, &index.view, 4, &gradient.view) == DS_OK, "gather_rows_backward");
  if (dtype <= DS_BFLOAT16) expect(&gradient, expected, tensor_tolerance(dtype), "gather_rows_backward");
  free(expected);
  tensor_free(&weight), tensor_free(&out), tensor_free(&index), tensor_free(&gradient);
}

static void test_masks(int32_t dtype, bool strided) {
  const int64_t shape[2] = {150, 401};
  tensor x = tensor_random_make(dtype, 2, shape, strided), mask = tensor_random_make(DS_BOOL, 2, shape, !strided);
  int64_t set = 0, nonzero = 0, count = tensor_count(&x), found = 0;
  for (int64_t i = 0; i < count; i++) {
    set += tensor_get(&mask, i) != 0;
    nonzero += tensor_get(&x, i) != 0;
  }
  CHECK(ds_nonzero_count(&x.view, &found) == DS_OK && found == nonzero, "%lld nonzero", (long long)found);
  int64_t selected_shape[1] = {set}, places_shape[2] = {nonzero, 2};
  tensor selected = tensor_make(dtype, 1, selected_shape, false), places = tensor_make(DS_INT64, 2, places_shape, false);
  tensor filled = tensor_make(dtype, 2, shape, false), restored = tensor_make(dtype, 2, shape, false);
  CHECK(ds_masked_select(&x.view, &mask.view, &selected.view) == DS_OK, "masked_select");
  CHECK(ds_nonzero(&x.view, &places.view) == DS_OK, "nonzero");
  uint64_t one = 0;
  tensor unit = tensor_make(dtype, 0, NULL, false);
  tensor_set(&unit, 0, 1);
  memcpy(&one, unit.view.data, (size_t)tensor_size(dtype));
  CHECK(ds_masked_fill(&x.view, &mask.view, &one, &filled.view) == DS_OK, "masked_fill");
  CHECK(ds_masked_scatter(&filled.view, &mask.view, &selected.view, &restored.view) == DS_OK, "masked_scatter");
  for (int64_t i = 0, s = 0, n = 0; i < count; i++) {
    double value = tensor_get(&x, i);
    bool on = tensor_get(&mask, i) != 0;
    CHECK(tensor_get(&filled, i) == (on ? 1 : value), "fill [%lld]", (long long)i);
    CHECK(tensor_get(&restored, i) == value, "masked_scatter undoes masked_fill [%lld]", (long long)i);
    if (on) CHECK(tensor_get(&selected, s++) == value, "masked_select [%lld]", (long long)i);
    if (value != 0) {
      CHECK(tensor_get(&places, 2 * n) == (double)(i / 401) && tensor_get(&places, 2 * n + 1) == (double)(i % 401),
            "nonzero %lld", (long long)n);
      n++;
    }
  }
  tensor_free(&x), tensor_free(&mask), tensor_free(&selected), tensor_free(&places), tensor_free(&filled);
  tensor_free(&restored), tensor_free(&unit);
}

static int64_t pad_source(int64_t place, int64_t size, ds_pad_mode mode) {
  if (place >= 0 && place < size) return place;
  if (mode == DS_PAD_REFLECT) return place < 0 ? -place : 2 * size - 2 - place;
  if (mode == DS_PAD_REPLICATE) return place < 0 ? 0 : size - 1;
  return mode == DS_PAD_CIRCULAR ? (place + size) % size : -1;
}

static void test_pad(int32_t dtype, bool strided) {
  const int64_t shape[2] = {5, 9}, before[2] = {2, 3}, after[2] = {4, 1}, padded[2] = {11, 13};
  for (ds_pad_mode mode = DS_PAD_CONSTANT; mode <= DS_PAD_CIRCULAR; mode++) {
    tensor x = tensor_random_make(dtype, 2, shape, strided), out = tensor_make(dtype, 2, padded, false);
    tensor dx = tensor_make(dtype, 2, shape, false), dy = tensor_random_make(dtype, 2, padded, strided);
    double gradient[45] = {0};
    CHECK(ds_pad(&x.view, before, after, mode, NULL, &out.view) == DS_OK, "pad mode %d", mode);
    for (int64_t i = 0; i < 11 * 13; i++) {
      int64_t row = pad_source(i / 13 - 2, 5, mode), column = pad_source(i % 13 - 3, 9, mode);
      bool inside = row >= 0 && column >= 0;
      CHECK(tensor_get(&out, i) == (inside ? tensor_get(&x, row * 9 + column) : 0), "pad mode %d [%lld]", mode,
            (long long)i);
      if (inside) gradient[row * 9 + column] += tensor_get(&dy, i);
    }
    if (dtype <= DS_BFLOAT16) {
      CHECK(ds_pad_backward(&dy.view, before, after, mode, &dx.view) == DS_OK, "pad_backward");
      expect(&dx, gradient, tensor_tolerance(dtype), "pad_backward");
    }
    tensor_free(&x), tensor_free(&out), tensor_free(&dx), tensor_free(&dy);
  }
}

static void test_arrangement(int32_t dtype, bool strided) {
  const int64_t shape[2] = {6, 9}, both[2] = {12, 9}, shifts[2] = {-8, 4};
  tensor x = tensor_random_make(dtype, 2, shape, strided), y = tensor_random_make(dtype, 2, shape, false);
  tensor joined = tensor_make(dtype, 2, both, false), out = tensor_make(dtype, 2, shape, false);
  ds_view parts[2] = {x.view, y.view};
  CHECK(ds_concatenate(2, parts, 0, &joined.view) == DS_OK, "concatenate");
  for (int64_t i = 0; i < 54; i++) {
    CHECK(tensor_get(&joined, i) == tensor_get(&x, i) && tensor_get(&joined, 54 + i) == tensor_get(&y, i), "joined");
  }
  CHECK(ds_roll(&x.view, shifts, &out.view) == DS_OK, "roll");
  for (int64_t i = 0; i < 54; i++) {
    int64_t row = (i / 9 + 12 - 8) % 6, column = (i % 9 + 4) % 9;
    CHECK(tensor_get(&out, row * 9 + column) == tensor_get(&x, i), "roll [%lld]", (long long)i);
  }
  for (int64_t offset = -7; offset <= 10; offset++) {
    for (int upper = 0; upper < 2; upper++) {
      CHECK(ds_triangular(&x.view, offset, upper, &out.view) == DS_OK, "triangular");
      for (int64_t i = 0; i < 54; i++) {
        int64_t diagonal = i % 9 - i / 9;
        bool kept = upper ? diagonal >= offset : diagonal <= offset;
        CHECK(tensor_get(&out, i) == (kept ? tensor_get(&x, i) : 0), "triangle %lld upper %d", (long long)offset, upper);
      }
    }
  }
  tensor_free(&x), tensor_free(&y), tensor_free(&joined), tensor_free(&out);
}

static void test_nd_and_one_hot(void) {
  const int64_t shape[3] = {4, 5, 6}, tuples[2] = {7, 2}, slices[2] = {7, 6}, hot[2] = {7, 9}, flat[1] = {7};
  tensor x = tensor_random_make(DS_FLOAT32, 3, shape, true), index = random_index(DS_INT32, 2, tuples, 4, false);
  tensor out = tensor_make(DS_FLOAT32, 2, slices, false), sum = tensor_make(DS_FLOAT32, 3, shape, false);
  CHECK(ds_gather_nd(&x.view, &index.view, 0, &out.view) == DS_OK, "gather_nd");
  CHECK(ds_scatter_nd(&x.view, &index.view, &out.view, DS_SCATTER_ADD, &sum.view) == DS_OK, "scatter_nd");
  double expected[120];
  for (int64_t i = 0; i < 120; i++) expected[i] = tensor_get(&x, i);
  for (int64_t t = 0; t < 7; t++) {
    int64_t row = resolved(&index, 2 * t, 4) * 5 + resolved(&index, 2 * t + 1, 5);
    for (int64_t i = 0; i < 6; i++) {
      CHECK(tensor_get(&out, t * 6 + i) == tensor_get(&x, row * 6 + i), "gather_nd tuple %lld", (long long)t);
      expected[row * 6 + i] += tensor_get(&x, row * 6 + i);
    }
  }
  expect(&sum, expected, 1e-6, "scatter_nd");
  tensor classes = random_index(DS_INT64, 1, flat, 9, false), rows = tensor_make(DS_INT8, 2, hot, false);
  int8_t on = 5, off = -1;
  CHECK(ds_one_hot(&classes.view, &on, &off, &rows.view) == DS_OK, "one_hot");
  for (int64_t i = 0; i < 63; i++) {
    CHECK(tensor_get(&rows, i) == (i % 9 == resolved(&classes, i / 9, 9) ? 5 : -1), "one_hot [%lld]", (long long)i);
  }
  tensor_free(&x), tensor_free(&index), tensor_free(&out), tensor_free(&sum), tensor_free(&classes), tensor_free(&rows);
}

static void test_refusals(void) {
  const int64_t three[1] = {3}, one[1] = {1};
  tensor x = tensor_random_make(DS_FLOAT32, 1, three, false), out = tensor_make(DS_FLOAT32, 1, one, false);
  tensor index = tensor_make(DS_INT64, 1, one, false);
  const double outside[] = {3, -4, 4e18, -9e18};
  for (int i = 0; i < 4; i++) {
    tensor_set(&index, 0, outside[i]);
    CHECK(ds_gather(&x.view, 0, &index.view, &out.view) == DS_INDEX_OUT_OF_RANGE, "gather %g", outside[i]);
    CHECK(ds_take(&x.view, &index.view, &out.view) == DS_INDEX_OUT_OF_RANGE, "take %g", outside[i]);
    CHECK(ds_scatter(&x.view, 0, &index.view, &out.view, DS_SCATTER_SET, &x.view) == DS_INDEX_OUT_OF_RANGE, "scatter");
    CHECK(ds_scatter_nd(&x.view, &index.view, &x.view, DS_SCATTER_SET, &x.view) != DS_OK, "scatter_nd");
  }
  CHECK(ds_gather(&x.view, 1, &index.view, &out.view) == DS_INVALID_SHAPE, "no such axis");
  CHECK(ds_gather(&x.view, 0, &x.view, &x.view) == DS_UNSUPPORTED_DTYPE, "a float is no index");
  const int64_t before[1] = {3}, after[1] = {0}, six[1] = {6};
  tensor padded = tensor_make(DS_FLOAT32, 1, six, false);
  CHECK(ds_pad(&x.view, before, after, DS_PAD_REFLECT, NULL, &padded.view) == DS_INVALID_SHAPE, "reflect too far");
  ds_view huge = x.view;
  huge.shape[0] = INT64_MAX / 2;
  CHECK(ds_take(&huge, &index.view, &out.view) == DS_INVALID_SHAPE, "a size that overflows");
  tensor_free(&x), tensor_free(&out), tensor_free(&index), tensor_free(&padded);
}

int main(void) {
  for (int32_t dtype = DS_FLOAT32; dtype <= DS_BOOL; dtype++) {
    for (int strided = 0; strided < 2; strided++) {
      test_gather_and_scatter(dtype, strided ? DS_INT32 : DS_INT64, strided);
      test_select_and_add(dtype, strided);
      test_masks(dtype, strided);
      test_pad(dtype, strided);
      test_arrangement(dtype, strided);
    }
    test_rows(dtype);
  }
  test_nd_and_one_hot();
  test_refusals();
  return check_summary();
}
