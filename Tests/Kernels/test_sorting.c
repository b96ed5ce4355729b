// Sorting kernels: order, stability, ties, NaN, and agreement of top-k, unique and search with the sort.
#include "check.h"
#include "ds_sorting.h"
#include "tensors.h"

// Values with many ties, and for floats NaN, infinities and both zeros.
static tensor awkward(int32_t dtype, int32_t rank, const int64_t *shape, bool strided) {
  tensor t = tensor_random_make(dtype, rank, shape, strided);
  for (int64_t i = 0; dtype <= DS_BFLOAT16 && i < tensor_count(&t); i++) {
    const double special[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, NAN};
    if (tensor_below(8) == 0) tensor_set(&t, i, special[tensor_below(6)]);
  }
  return t;
}

// Whether a comes before b: NaN above all.
static bool precedes(double a, double b) { return isnan(b) ? !isnan(a) : a < b; }
static bool ties(double a, double b) { return !precedes(a, b) && !precedes(b, a); }

static void test_sort(int32_t dtype, const int64_t shape[3], int32_t axis, bool descending, bool strided) {
  tensor x = awkward(dtype, 3, shape, strided);
  tensor values = tensor_make(dtype, 3, shape, false), indices = tensor_make(DS_INT64, 3, shape, false);
  CHECK(ds_sort(&x.view, axis, descending, &values.view, &indices.view) == DS_OK, "sort dtype %d", dtype);
  int64_t inner = 1, length = shape[axis], k = length < 7 ? length : 7, top_shape[3] = {shape[0], shape[1], shape[2]};
  for (int32_t i = axis + 1; i < 3; i++) inner *= shape[i];
  top_shape[axis] = k;
  tensor best = tensor_make(dtype, 3, top_shape, false), places = tensor_make(DS_INT64, 3, top_shape, false);
  CHECK(ds_top_k(&x.view, axis, descending, &best.view, &places.view) == DS_OK, "top_k dtype %d", dtype);
  char *seen = calloc((size_t)length, 1);
  for (int64_t line = 0; line < tensor_count(&x) / length; line++) {
    int64_t start = line / inner * length * inner + line % inner, top = line / inner * k * inner + line % inner;
    memset(seen, 0, (size_t)length);
    for (int64_t i = 0; i < length; i++) {
      int64_t place = (int64_t)tensor_get(&indices, start + i * inner);
      double value = tensor_get(&values, start + i * inner);
      bool valid = place >= 0 && place < length && !seen[place];
      CHECK(valid, "dtype %d axis %d: place %lld is used once", dtype, axis, (long long)place);
      if (!valid) break;
      seen[place] = 1;
      CHECK_CLOSE(value, tensor_get(&x, start + place * inner), 0, 0, "the value is the indexed element");
      if (i < k) {
        CHECK((int64_t)tensor_get(&places, top + i * inner) == place, "top_k dtype %d agrees at %lld", dtype, (long long)i);
        CHECK_CLOSE(tensor_get(&best, top + i * inner), value, 0, 0, "top_k value");
      }
      if (i == 0) continue;
      double before = tensor_get(&values, start + (i - 1) * inner);
      bool ordered = descending ? !precedes(before, value) : !precedes(value, before);
      CHECK(ordered, "dtype %d descending %d: %g then %g", dtype, descending, before, value);
      if (ties(before, value)) {
        CHECK(tensor_get(&indices, start + (i - 1) * inner) < (double)place, "ties keep their order, dtype %d", dtype);
      }
    }
  }
  free(seen);
  tensor_free(&x), tensor_free(&values), tensor_free(&indices), tensor_free(&best), tensor_free(&places);
}

static void test_unique_and_search(int32_t dtype, bool strided) {
  const int64_t shape[2] = {40, 33}, flat[1] = {40 * 33}, asked_shape[1] = {200};
  tensor x = awkward(dtype, 2, shape, strided), values = tensor_make(dtype, 1, flat, false);
  tensor inverse = tensor_make(DS_INT64, 2, shape, false), counts = tensor_make(DS_INT64, 1, flat, false);
  int64_t found = 0, total = 0;
  CHECK(ds_unique(&x.view, &values.view, &inverse.view, &counts.view, &found) == DS_OK, "unique dtype %d", dtype);
  for (int64_t i = 0; i < found; i++) {
    total += (int64_t)tensor_get(&counts, i);
    if (i > 0) CHECK(precedes(tensor_get(&values, i - 1), tensor_get(&values, i)), "unique values ascend");
  }
  CHECK(total == flat[0], "unique counts %lld", (long long)total);
  for (int64_t i = 0; i < flat[0]; i++) {
    CHECK(ties(tensor_get(&values, (int64_t)tensor_get(&inverse, i)), tensor_get(&x, i)), "inverse [%lld]", (long long)i);
  }
  ds_view sorted = values.view;
  sorted.shape[0] = found;
  tensor asked = awkward(dtype, 1, asked_shape, strided), out = tensor_make(DS_INT64, 1, asked_shape, false);
  for (int right = 0; right < 2; right++) {
    CHECK(ds_search_sorted(&sorted, &asked.view, right, &out.view) == DS_OK, "search dtype %d", dtype);
    for (int64_t i = 0; i < asked_shape[0]; i++) {
      int64_t expected = 0;
      double value = tensor_get(&asked, i);
      while (expected < found && (precedes(tensor_get(&values, expected), value) ||
                                  (right && ties(tensor_get(&values, expected), value)))) {
        expected++;
      }
      CHECK((int64_t)tensor_get(&out, i) == expected, "search dtype %d value %g right %d", dtype, value, right);
    }
  }
  tensor_free(&x), tensor_free(&values), tensor_free(&inverse), tensor_free(&counts), tensor_free(&asked);
  tensor_free(&out);
}

// A long ascending line makes every element better than all before it; a constant one never does.
static void test_top_k_orders(void) {
  const int64_t length[1] = {20000}, wanted[1] = {50};
  tensor x = tensor_make(DS_FLOAT32, 1, length, false), best = tensor_make(DS_FLOAT32, 1, wanted, false);
  tensor places = tensor_make(DS_INT64, 1, wanted, false);
  for (int order = 0; order < 3; order++) {
    for (int64_t i = 0; i < length[0]; i++) tensor_set(&x, i, order == 0 ? (double)i : order == 1 ? -(double)i : NAN);
    CHECK(ds_top_k(&x.view, 0, true, &best.view, &places.view) == DS_OK, "top_k order %d", order);
    for (int64_t i = 0; i < 50; i++) {
      CHECK((int64_t)tensor_get(&places, i) == (order == 0 ? 19999 - i : i), "order %d place %lld", order, (long long)i);
    }
  }
  tensor_free(&x), tensor_free(&best), tensor_free(&places);
}

int main(void) {
  const int64_t shapes[][3] = {{1, 1, 1}, {2, 20, 3}, {2, 3, 900}, {1, 1, 4000}, {3, 150, 2}, {1, 70000, 1}};
  for (int32_t dtype = DS_FLOAT32; dtype <= DS_BOOL; dtype++) {
    for (int32_t variant = 0; variant < 4; variant++) {
      for (int32_t s = 0; s < 6; s++) {
        // The long line, whose sort is shared among threads, is slow to check: one type for each kind of entry.
        if (s == 5 && (dtype > DS_FLOAT64 || variant > 1)) continue;
        for (int32_t axis = 0; axis < 3; axis++) test_sort(dtype, shapes[s], axis, variant & 1, variant >> 1);
      }
    }
    test_unique_and_search(dtype, false);
    test_unique_and_search(dtype, true);
  }
  test_top_k_orders();
  return check_summary();
}
