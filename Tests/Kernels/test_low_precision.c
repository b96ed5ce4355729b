// Products of bfloat16, of 8-bit integers, and of floats by weights in 8 and 4 bits, against sums in double.
#include "ds_low_precision.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ds_threads.h"
#include "tensors.h"

static double random_value(void) { return ((double)(tensor_random() % 20001) - 10000) / 8192; }

static double element(const ds_matrix *m, int64_t row, int64_t column) {
  int64_t at = m->transposed ? column * m->stride + row : row * m->stride + column;
  if (m->dtype == DS_FLOAT32) return ((const float *)m->data)[at];
  return dsv_load_bfloat16(((const uint16_t *)m->data)[at]);
}

static ds_matrix matrix(int32_t dtype, bool transposed, int64_t rows, int64_t columns, int64_t spare) {
  int64_t lines = transposed ? columns : rows, length = transposed ? rows : columns, stride = length + spare;
  int64_t count = lines > 0 && length > 0 ? (lines - 1) * stride + length : 1;
  void *data = malloc((size_t)(count * (dtype == DS_FLOAT32 ? 4 : 2)));
  for (int64_t i = 0; i < count; i++) {
    double value = random_value();
    if (dtype == DS_FLOAT32) {
      ((float *)data)[i] = (float)value;
    } else {
      ((uint16_t *)data)[i] = dsv_store_bfloat16((float)value);
    }
  }
  return (ds_matrix){.data = data, .dtype = dtype, .transposed = transposed, .stride = stride};
}

static double rounded(double x) { return dsv_load_bfloat16(dsv_store_bfloat16((float)x)); }

static double after(int32_t activation, double x) {
  if (activation == DS_ACTIVATION_RELU) return x > 0 ? x : 0;
  if (activation == DS_ACTIVATION_GELU) return 0.5 * x * erfc(-x * 0.70710678118654752);
  return x;
}

// C and what it is to hold; a border of guards beyond its columns.
typedef struct outcome {
  ds_result c;
  float *bias, *residual;
  ds_epilogue epilogue;
  int64_t m, n;
} outcome;

enum { SPARE = 3, GUARD = 0x5A5A };

static outcome outcome_make(int64_t m, int64_t n, int32_t dtype, int which) {
  outcome o = {.m = m, .n = n, .c = {.dtype = dtype, .stride = n + SPARE}};
  o.c.data = malloc((size_t)(m * (n + SPARE) * 4 + 4));
  memset(o.c.data, 0x5A, (size_t)(m * (n + SPARE) * 4));
  o.bias = malloc((size_t)(n + 1) * sizeof(float));
  o.residual = malloc((size_t)(m * n + 1) * sizeof(float));
  for (int64_t i = 0; i < n; i++) o.bias[i] = (float)random_value();
  for (int64_t i = 0; i < m * n; i++) o.residual[i] = (float)random_value();
  o.epilogue = (ds_epilogue){.bias = which & 1 ? o.bias : NULL,
                             .activation = which % 3 == 0 ? DS_ACTIVATION_NONE : which % 3 == 1 ? DS_ACTIVATION_RELU : DS_ACTIVATION_GELU,
                             .residual = which & 4 ? o.residual : NULL, .residual_stride = n};
  return o;
}

static void outcome_check(const outcome *o, const double *sums, double allowed, const char *name) {
  double worst = 0;
  int64_t guards = 0;
  for (int64_t i = 0; i < o->m; i++) {
    for (int64_t j = 0; j < o->c.stride; j++) {
      int64_t at = i * o->c.stride + j;
      double value = o->c.dtype == DS_FLOAT32 ? (double)((const float *)o->c.data)[at]
                                              : (double)dsv_load_bfloat16(((const uint16_t *)o->c.data)[at]);
      if (j >= o->n) {
        guards += o->c.dtype == DS_FLOAT32 ? ((const uint32_t *)o->c.data)[at] != 0x5A5A5A5A : ((const uint16_t *)o->c.data)[at] != GUARD;
        continue;
      }
      double expected = after(o->epilogue.activation, sums[i * o->n + j] + (o->epilogue.bias ? o->bias[j] : 0));
      if (o->epilogue.residual) expected += o->residual[i * o->n + j];
      double limit = allowed + (o->c.dtype == DS_FLOAT32 ? 4e-7 : 0.0041) * (fabs(expected) + 1);
      double error = fabs(value - expected) / limit;
      if (!(error <= worst)) worst = error;
    }
  }
  CHECK(worst <= 1, "%s: error %g times the bound", name, worst);
  CHECK(guards == 0, "%s: wrote outside C", name);
  free(o->c.data), free(o->bias), free(o->residual);
}

static void bf16_case(int64_t m, int64_t n, int64_t k, int which) {
  char name[128];
  snprintf(name, sizeof name, "bf16 %lldx%lldx%lld, %d", (long long)m, (long long)n, (long long)k, which);
  ds_matrix a = matrix(which & 1 ? DS_FLOAT32 : DS_BFLOAT16, which & 2, m, k, which % 3);
  ds_matrix b = matrix(which & 4 ? DS_FLOAT32 : DS_BFLOAT16, which & 8, k, n, which % 5);
  outcome o = outcome_make(m, n, which & 16 ? DS_BFLOAT16 : DS_FLOAT32, which);
  double *sums = calloc((size_t)(m * n + 1), sizeof *sums);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t x = 0; x < k; x++) {
      double left = rounded(element(&a, i, x));
      for (int64_t j = 0; j < n; j++) sums[i * n + j] += left * rounded(element(&b, x, j));
    }
  }
  ds_status status = ds_bf16_gemm(m, n, k, a, b, o.c, &o.epilogue);
  CHECK(status == DS_OK, "%s: status %d", name, status);
  outcome_check(&o, sums, 8e-7 * (4 + 2 * sqrt((double)k)), name);
  free((void *)a.data), free((void *)b.data), free(sums);
}

typedef struct weight {
  ds_quantized_shape shape;
  uint8_t *values;
  float *scales;
  void *zero_points;
  void *packed;
} weight;

static weight weight_make(int64_t n, int64_t k, int32_t bits, int64_t group, bool has_zeros) {
  weight w = {.shape = {.n = n, .k = k, .bits = bits, .group_size = group, .has_zero_points = has_zeros}};
  int64_t bytes = n * k * bits / 8, groups = group == 0 ? 1 : k / group;
  w.values = malloc((size_t)bytes + 1);
  for (int64_t i = 0; i < bytes; i++) w.values[i] = (uint8_t)tensor_random();
  w.scales = malloc((size_t)(n * groups + 1) * sizeof(float));
  for (int64_t i = 0; i < n * groups; i++) w.scales[i] = (float)(1 + tensor_random() % 100) / 4096;
  uint8_t *zeros = malloc((size_t)(n * groups) + 1);
  for (int64_t i = 0; i < n * groups; i++) zeros[i] = (uint8_t)(bits == 8 ? tensor_random() : tensor_random() % 16);
  w.zero_points = zeros;
  int64_t size = ds_quantized_packed_size(&w.shape);
  CHECK(size >= 0, "packed size");
  w.packed = aligned_alloc(64, (size_t)(size + 64) / 64 * 64);
  ds_status status = ds_quantized_pack(&w.shape, w.values, w.scales, has_zeros ? zeros : NULL, w.packed);
  CHECK(status == DS_OK, "pack: status %d", status);
  return w;
}

static ds_quantized_weight parts(const weight *w) { return ds_quantized_parts(&w->shape, w->packed); }

static void weight_free(weight *w) { free(w->values), free(w->scales), free(w->zero_points), free(w->packed); }

static int32_t weight_value(const weight *w, int64_t row, int64_t k) {
  int64_t groups = w->shape.group_size == 0 ? 1 : w->shape.k / w->shape.group_size;
  int64_t at = row * groups + (w->shape.group_size == 0 ? 0 : k / w->shape.group_size);
  if (w->shape.bits == 8) {
    return ((int8_t *)w->values)[row * w->shape.k + k] - (w->shape.has_zero_points ? ((int8_t *)w->zero_points)[at] : 0);
  }
  uint8_t byte = w->values[(row * w->shape.k + k) / 2];
  return (k % 2 == 0 ? byte & 15 : byte >> 4) - (w->shape.has_zero_points ? ((uint8_t *)w->zero_points)[at] : 8);
}

static double weight_scale(const weight *w, int64_t row, int64_t k) {
  int64_t group = w->shape.group_size, groups = group == 0 ? 1 : w->shape.k / group;
  return w->scales[row * groups + (group == 0 ? 0 : k / group)];
}

static void weight_only_case(int64_t m, int64_t n, int64_t k, int32_t bits, int64_t group, int which) {
  char name[128];
  snprintf(name, sizeof name, "%d bits, groups of %lld, %lldx%lldx%lld, %d", bits, (long long)group, (long long)m,
           (long long)n, (long long)k, which);
  weight w = weight_make(n, k, bits, group, which & 8);
  ds_matrix a = matrix(which & 16 ? DS_BFLOAT16 : DS_FLOAT32, false, m, k, which % 3);
  outcome o = outcome_make(m, n, which & 16 ? DS_BFLOAT16 : DS_FLOAT32, which);
  double *sums = calloc((size_t)(m * n + 1), sizeof *sums), largest = 0;
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      double magnitude = 0;
      for (int64_t x = 0; x < k; x++) {
        double term = element(&a, i, x) * weight_value(&w, j, x) * weight_scale(&w, j, x);
        sums[i * n + j] += term;
        magnitude += fabs(element(&a, i, x)) * 128 * weight_scale(&w, j, x);
      }
      if (magnitude > largest) largest = magnitude;
    }
  }
  ds_status status = ds_quantized_gemm(&w.shape, parts(&w), m, a, o.c, &o.epilogue);
  CHECK(status == DS_OK, "%s: status %d", name, status);
  outcome_check(&o, sums, 3e-7 * largest, name);
  weight_free(&w);
  free((void *)a.data), free(sums);
}

// The 8- or 7-bit values of a row, by the definition.
static void quantize_row(const float *x, int64_t k, ds_quantized_input input, float *scale, int32_t *zero, int32_t *q) {
  int32_t largest = input.bits == 7 ? 127 : 255;
  *scale = input.scale, *zero = input.zero_point;
  if (input.is_dynamic) {
    float low = 0, high = 0;
    for (int64_t i = 0; i < k; i++) {
      if (x[i] < low) low = x[i];
      if (x[i] > high) high = x[i];
    }
    *scale = (high - low) / (float)largest;
    if (*scale == 0) *scale = 1;
    *zero = (int32_t)rintf(-low / *scale);
  }
  for (int64_t i = 0; i < k; i++) {
    float quotient = x[i] * (1.0f / *scale);
    if (isnan(quotient)) quotient = 0;
    double value = rint((double)quotient) + *zero;
    q[i] = value < 0 ? 0 : value > largest ? largest : (int32_t)value;
  }
}

static void int8_case(int64_t m, int64_t n, int64_t k, int which) {
  char name[128];
  snprintf(name, sizeof name, "int8 %lldx%lldx%lld, %d", (long long)m, (long long)n, (long long)k, which);
  weight w = weight_make(n, k, 8, 0, which & 8);
  if (k > 0 && n > 0) memset(w.values, 0x80, (size_t)k);  // the first output: -128 throughout, where 16-bit sums overflow
  ds_quantized_pack(&w.shape, w.values, w.scales, w.shape.has_zero_points ? w.zero_points : NULL, w.packed);
  ds_matrix a = matrix(DS_FLOAT32, false, m, k, which % 3);
  ds_quantized_input input = {.bits = which & 4 ? 7 : 8, .is_dynamic = which & 1, .scale = which & 4 ? 0.0155f : 0.0078f,
                              .zero_point = which & 2 ? 0 : which & 4 ? 66 : 131};
  for (int64_t x = 0; x < k && m > 0; x++) ((float *)a.data)[x] = 2;  // the first row: all 255 or 127 where the zero point is 0
  outcome o = outcome_make(m, n, which & 16 ? DS_BFLOAT16 : DS_FLOAT32, which);
  double *sums = calloc((size_t)(m * n + 1), sizeof *sums);
  int32_t *q = calloc((size_t)k + 1, sizeof *q);
  int64_t wrong = 0;
  for (int64_t i = 0; i < m; i++) {
    float scale;
    int32_t zero;
    quantize_row((const float *)a.data + i * a.stride, k, input, &scale, &zero, q);
    for (int64_t j = 0; j < n; j++) {
      int64_t sum = 0;
      for (int64_t x = 0; x < k; x++) sum += (int64_t)(q[x] - zero) * weight_value(&w, j, x);
      float factor = w.scales[j] * scale, product = (float)sum * factor;
      sums[i * n + j] = product;
    }
  }
  outcome plain = outcome_make(m, n, DS_FLOAT32, 0);
  ds_status status = ds_int8_gemm(&w.shape, parts(&w), m, a, input, plain.c, NULL);
  CHECK(status == DS_OK, "%s: status %d", name, status);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) wrong += ((float *)plain.c.data)[i * plain.c.stride + j] != (float)sums[i * n + j];
  }
  CHECK(wrong == 0, "%s: %lld results differ in their bits", name, (long long)wrong);
  plain.epilogue = (ds_epilogue){0};
  outcome_check(&plain, sums, 0, name);
  status = ds_int8_gemm(&w.shape, parts(&w), m, a, input, o.c, &o.epilogue);
  CHECK(status == DS_OK, "%s: status %d", name, status);
  outcome_check(&o, sums, 1e-6, name);
  weight_free(&w);
  free((void *)a.data), free(sums), free(q);
}

static void test_shapes(void) {
  const int64_t ms[] = {0, 1, 2, 3, 4, 5, 7, 14, 29}, ns[] = {0, 1, 8, 31, 32, 33, 70}, ks[] = {0, 1, 2, 3, 7, 16, 33, 130};
  int which = 0;
  for (size_t m = 0; m < sizeof ms / sizeof *ms; m++) {
    for (size_t n = 0; n < sizeof ns / sizeof *ns; n++) {
      for (size_t k = 0; k < sizeof ks / sizeof *ks; k++, which += 7) {
        bf16_case(ms[m], ns[n], ks[k], which % 32);
        int8_case(ms[m], ns[n], ks[k], which % 32);
        weight_only_case(ms[m], ns[n], ks[k], 8, 0, which % 32);
        weight_only_case(ms[m], ns[n], ks[k] * 2, 4, 0, which % 32);
        weight_only_case(ms[m], ns[n], ks[k] % 5 * 64, k % 2 ? 4 : 8, 32 << (which % 2), which % 32);
      }
    }
  }
}

static void test_large(void) {
  enum { TALL = CHECK_EMULATED ? 40 : 150, WIDE = CHECK_EMULATED ? 70 : 170 };
  for (int which = 0; which < 32; which += 5) {
    bf16_case(TALL, WIDE, 1700, which);
    int8_case(TALL, WIDE, 1700, which);
    weight_only_case(TALL, WIDE, 1792, which % 2 ? 4 : 8, which % 3 ? 128 : 0, which);
    weight_only_case(2, WIDE, 1792, which % 2 ? 4 : 8, which % 3 ? 128 : 0, which);
  }
  int8_case(3, 2, DS_INT8_MAX_DEPTH, 2);
  int8_case(3, 2, DS_INT8_MAX_DEPTH, 6);
}

static void test_not_a_number(void) {
  weight w = weight_make(3, 40, 8, 0, false);
  float a[2 * 40] = {0}, c[6];
  a[7] = NAN;
  ds_matrix left = {.data = a, .dtype = DS_FLOAT32, .stride = 40};
  ds_result result = {.data = c, .dtype = DS_FLOAT32, .stride = 3};
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 2, left, (ds_quantized_input){.bits = 8, .is_dynamic = true}, result, NULL) == DS_OK, "dynamic");
  CHECK(isnan(c[0]) && isnan(c[2]) && c[3] == 0, "NaN gives NaN in its own row: %g %g", (double)c[0], (double)c[3]);
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 2, left, (ds_quantized_input){.bits = 8, .scale = 1, .zero_point = 5}, result, NULL) == DS_OK,
        "fixed");
  CHECK(c[0] == 0 && c[3] == 0, "NaN counts as zero: %g", (double)c[0]);
  weight_free(&w);
}

static void test_threads_do_not_change_the_result(void) {
  enum { M = 90, N = 301, K = 640 };
  int32_t threads = ds_thread_count();
  ds_matrix a = matrix(DS_FLOAT32, false, M, K, 0), b = matrix(DS_BFLOAT16, true, K, N, 0);
  weight eight = weight_make(N, K, 8, 0, true), four = weight_make(N, K, 4, 64, false);
  float *first = malloc(4 * M * N * sizeof(float)), *c = malloc(4 * M * N * sizeof(float));
  for (int64_t m = 3; m <= M; m += M - 3) {
    for (int32_t count = 1; count <= 5; count++) {
      ds_set_thread_count(count);
      float *to = count == 1 ? first : c;
      ds_result results[4];
      for (int i = 0; i < 4; i++) results[i] = (ds_result){.data = to + i * M * N, .dtype = DS_FLOAT32, .stride = N};
      ds_bf16_gemm(m, N, K, a, b, results[0], NULL);
      ds_int8_gemm(&eight.shape, parts(&eight), m, a, (ds_quantized_input){.bits = 8, .is_dynamic = true}, results[1], NULL);
      ds_quantized_gemm(&eight.shape, parts(&eight), m, a, results[2], NULL);
      ds_quantized_gemm(&four.shape, parts(&four), m, a, results[3], NULL);
      for (int i = 0; i < 4 && count > 1; i++) {
        CHECK(memcmp(first + i * M * N, c + i * M * N, (size_t)(m * N) * sizeof(float)) == 0,
              "%d threads give another result than one: product %d of %lld rows", count, i, (long long)m);
      }
    }
  }
  ds_set_thread_count(threads);
  weight_free(&eight), weight_free(&four);
  free((void *)a.data), free((void *)b.data), free(first), free(c);
}

static void test_refusals(void) {
  float x[64] = {0}, c[4] = {5, 6, 7, 8};
  ds_matrix a = {.data = x, .dtype = DS_FLOAT32, .stride = 2}, half = {.data = x, .dtype = DS_FLOAT16, .stride = 2};
  ds_result result = {.data = c, .dtype = DS_FLOAT32, .stride = 2}, narrow = {.data = c, .dtype = DS_FLOAT32, .stride = 1};
  ds_epilogue bad = {.activation = 99}, stored = {.preactivation = x};
  CHECK(ds_bf16_gemm(2, 2, 2, half, a, result, NULL) == DS_UNSUPPORTED_DTYPE, "float16 on the left");
  CHECK(ds_bf16_gemm(2, 2, 2, a, half, result, NULL) == DS_UNSUPPORTED_DTYPE, "float16 on the right");
  CHECK(ds_bf16_gemm(2, 2, 3, a, a, result, NULL) == DS_INVALID_SHAPE, "short row of A");
  CHECK(ds_bf16_gemm(2, 2, 2, a, a, narrow, NULL) == DS_INVALID_SHAPE, "short row of C");
  CHECK(ds_bf16_gemm(-2, 2, 2, a, a, result, NULL) == DS_INVALID_SHAPE, "negative size");
  CHECK(ds_bf16_gemm(2, 2, 2, a, a, result, &bad) == DS_INVALID_SHAPE, "unknown activation");
  CHECK(ds_bf16_gemm(2, 2, 2, a, a, result, &stored) == DS_INVALID_SHAPE, "pre-activation");
  CHECK(ds_bf16_packed_size(-1, 2) == -1 && ds_bf16_packed_size(INT64_MAX / 2, 4) == -1 && ds_bf16_packed_size(33, 5) == 64 * 3 * 4,
        "packed sizes of bfloat16");
  const ds_quantized_shape shapes[] = {{.n = 2, .k = 3, .bits = 4}, {.n = 2, .k = 64, .bits = 3}, {.n = -2, .k = 64, .bits = 8},
                                       {.n = 2, .k = 64, .bits = 8, .group_size = 48}, {.n = 2, .k = 96, .bits = 8, .group_size = 64},
                                       {.n = INT64_MAX / 8, .k = 1 << 20, .bits = 8}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    CHECK(ds_quantized_packed_size(&shapes[i]) == -1, "shape %zu", i);
    CHECK(ds_quantized_pack(&shapes[i], x, x, NULL, x) == DS_INVALID_SHAPE, "packing of shape %zu", i);
    CHECK(ds_quantized_parts(&shapes[i], x).values == NULL, "parts of shape %zu", i);
  }
  weight w = weight_make(2, 64, 8, 32, false), long_one = weight_make(1, DS_INT8_MAX_DEPTH + 4, 8, 0, false);
  ds_quantized_input dynamic = {.bits = 8, .is_dynamic = true}, narrow_input = {.bits = 7, .scale = 1, .zero_point = 128};
  a.stride = DS_INT8_MAX_DEPTH + 4;
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 1, a, dynamic, result, NULL) == DS_INVALID_SHAPE, "groups");
  CHECK(ds_int8_gemm(&long_one.shape, parts(&long_one), 1, a, dynamic, result, NULL) == DS_INVALID_SHAPE, "depth");
  weight_free(&w), weight_free(&long_one);
  w = weight_make(2, 64, 8, 0, false);
  a.stride = 64;
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 1, a, (ds_quantized_input){.bits = 8, .scale = 0}, result, NULL) == DS_INVALID_SHAPE, "scale 0");
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 1, a, (ds_quantized_input){.bits = 8, .scale = 1, .zero_point = 256}, result, NULL) ==
            DS_INVALID_SHAPE, "zero point 256");
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 1, a, narrow_input, result, NULL) == DS_INVALID_SHAPE, "zero point 128 of 7 bits");
  CHECK(ds_int8_gemm(&w.shape, parts(&w), 1, a, (ds_quantized_input){.bits = 6, .is_dynamic = true}, result, NULL) ==
            DS_INVALID_SHAPE, "6 bits");
  ds_quantized_weight without = parts(&w), with = without;
  without.sums = NULL;
  with.zero_points = x;
  CHECK(ds_int8_gemm(&w.shape, without, 1, a, dynamic, result, NULL) == DS_INVALID_SHAPE, "no sums");
  CHECK(ds_int8_gemm(&w.shape, with, 1, a, dynamic, result, NULL) == DS_INVALID_SHAPE, "bytes by zero points of no shape");
  CHECK(ds_quantized_gemm(&w.shape, with, 1, a, result, NULL) == DS_INVALID_SHAPE, "zero points of a shape without");
  CHECK(c[0] == 5 && c[3] == 8, "a refused product wrote to C");
  weight_free(&w);
}

int main(void) {
  test_shapes();
  test_large();
  test_not_a_number();
  test_threads_do_not_change_the_result();
  test_refusals();
  return check_summary();
}
