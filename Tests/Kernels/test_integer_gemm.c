// Integer products against the definition, number by number with wrap-around: shapes around the tile's borders and beyond a
// block of k, every layout that is allowed, stacks with one matrix repeated, and what has to be refused.
#include "check.h"
#include "ds_integer_gemm.h"
#include "ds_threads.h"
#include "test_tensors.h"

static const int32_t dtypes[] = {DS_INT8, DS_UINT8, DS_INT16, DS_INT32, DS_INT64};

static uint64_t bits_at(const test_tensor *t, int64_t index) {
  uint64_t bits = 0;
  memcpy(&bits, test_address(t, index), test_bytes(t->view.dtype));
  return bits;
}

static void fill(test_tensor *t) {
  for (int64_t i = 0; i < t->count; i++) {
    test_random();
    uint64_t bits = test_state ^ test_state >> 29;  // of full width, so that every product wraps
    memcpy(test_address(t, i), &bits, test_bytes(t->view.dtype));
  }
}

// A stack of `batch` products; `repeated` has one right-hand matrix for all.
static void test_product(int32_t dtype, int64_t batch, int64_t m, int64_t n, int64_t k, test_layout layout,
                         bool repeated) {
  test_tensor a = test_make(dtype, 3, (int64_t[]){batch, m, k}, layout);
  test_tensor b = test_make(dtype, 3, (int64_t[]){repeated ? 1 : batch, k, n}, CONTIGUOUS);
  test_tensor out = test_make(dtype, 3, (int64_t[]){batch, m, n}, CONTIGUOUS);
  fill(&a), fill(&b), fill(&out);
  ds_view right = b.view;
  if (repeated) right.shape[0] = batch, right.strides[0] = 0;
  CHECK(ds_integer_gemm(&a.view, &right, &out.view) == DS_OK, "dtype %d", dtype);
  uint64_t mask = ~(uint64_t)0 >> (64 - 8 * test_bytes(dtype));
  for (int64_t i = 0; i < out.count; i++) {
    int64_t matrix = i / (m * n), row = i / n % m, column = i % n;
    uint64_t sum = 0;
    for (int64_t l = 0; l < k; l++) {
      sum += bits_at(&a, (matrix * m + row) * k + l) * bits_at(&b, ((repeated ? 0 : matrix) * k + l) * n + column);
    }
    CHECK(bits_at(&out, i) == (sum & mask), "dtype %d, %lld x %lld x %lld x %lld, layout %d: element %lld", dtype,
          (long long)batch, (long long)m, (long long)n, (long long)k, layout, (long long)i);
  }
  test_free(&a), test_free(&b), test_free(&out);
}

static void test_refusals(void) {
  test_tensor a = test_make(DS_INT32, 2, (int64_t[]){3, 4}, CONTIGUOUS);
  test_tensor b = test_make(DS_INT32, 2, (int64_t[]){4, 5}, TRANSPOSED);
  test_tensor c = test_make(DS_INT32, 2, (int64_t[]){4, 5}, CONTIGUOUS);
  test_tensor out = test_make(DS_INT32, 2, (int64_t[]){3, 5}, CONTIGUOUS);
  CHECK(ds_integer_gemm(&a.view, &c.view, &out.view) == DS_OK, "good");
  CHECK(ds_integer_gemm(&a.view, &b.view, &out.view) == DS_INVALID_SHAPE, "gaps in the rows of b");
  CHECK(ds_integer_gemm(&a.view, &a.view, &out.view) == DS_INVALID_SHAPE, "inner lengths differ");
  CHECK(ds_integer_gemm(&c.view, &a.view, &out.view) == DS_INVALID_SHAPE, "rows differ");
  ds_view other = c.view;
  other.dtype = DS_FLOAT32;
  CHECK(ds_integer_gemm(&a.view, &other, &out.view) == DS_UNSUPPORTED_DTYPE, "two types");
  ds_view flat = out.view;
  flat.rank = 1;
  CHECK(ds_integer_gemm(&a.view, &c.view, &flat) == DS_INVALID_SHAPE, "no matrix");
  test_free(&a), test_free(&b), test_free(&c), test_free(&out);
}

int main(void) {
  static const int64_t sizes[][3] = {{1, 1, 1}, {3, 5, 2}, {4, 32, 7}, {5, 33, 9},  {9, 130, 3},
                                     {1, 64, 300}, {6, 1, 600}, {2, 3, 0}, {0, 4, 2}, {33, 67, 520}};
  for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      for (int layout = 0; layout < TEST_LAYOUTS; layout++) {
        test_product(dtypes[d], 1, sizes[s][0], sizes[s][1], sizes[s][2], (test_layout)layout, false);
      }
      test_product(dtypes[d], 3, sizes[s][0], sizes[s][1], sizes[s][2], CONTIGUOUS, false);
      test_product(dtypes[d], 3, sizes[s][0], sizes[s][1], sizes[s][2], SPREAD, true);
    }
  }
  test_refusals();
  return check_summary();
}
