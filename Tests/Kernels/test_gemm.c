// The float32 product against one in double precision: every shape around the tile and block borders, transposed and
// strided operands, alpha and beta, every epilogue, batches with broadcast, packed weights; and the promises that
// nothing outside C is written and that the result doesn't depend on the number of threads.
#include "ds_gemm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ds_threads.h"

static uint64_t state = 42;

static float uniform(void) {  // in [-1, 1)
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (float)(int32_t)(state >> 32) * 0x1p-31f;
}

static float *filled(int64_t count) {
  float *p = malloc((size_t)(count + 1) * sizeof(float));
  for (int64_t i = 0; i < count; i++) p[i] = uniform();
  return p;
}

static double activation(int32_t kind, double x) {
  switch (kind) {
    case DS_ACTIVATION_RELU:
      return x < 0 ? 0 : x;
    case DS_ACTIVATION_GELU:
      return 0.5 * x * erfc(-x * sqrt(0.5));
    case DS_ACTIVATION_GELU_TANH:
      return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case DS_ACTIVATION_SILU:
      return x / (1 + exp(-x));
    case DS_ACTIVATION_TANH:
      return tanh(x);
    case DS_ACTIVATION_SIGMOID:
      return 1 / (1 + exp(-x));
    default:
      return x;
  }
}

// One product and what is to come out of it.
typedef struct sample {
  bool transpose_a, transpose_b, packed;
  int64_t m, n, k;
  float alpha, beta;
  int64_t spare;  // extra elements in each row of every matrix
  bool bias, preactivation, residual;
  int32_t activation;
} sample;

enum { GUARD = 12345 };  // what lies between C's rows, and must stay there

static void run_sample(const sample *s) {
  int64_t lda = (s->transpose_a ? s->m : s->k) + s->spare, ldb = (s->transpose_b ? s->k : s->n) + s->spare;
  int64_t ldc = s->n + s->spare;
  // Exact sizes, so that the address sanitizer sees any reach beyond the last row.
  int64_t a_rows = s->transpose_a ? s->k : s->m, b_rows = s->transpose_b ? s->n : s->k;
  float *a = filled(a_rows == 0 ? 0 : a_rows * lda - s->spare), *b = filled(b_rows == 0 ? 0 : b_rows * ldb - s->spare);
  float *c = filled(s->m * ldc), *before = malloc((size_t)(s->m * ldc) * sizeof(float));
  float *pre = filled(s->m * ldc), *bias = filled(s->n), *residual = filled(s->m * ldc);
  for (int64_t i = 0; i < s->m; i++) {
    for (int64_t j = s->n; j < ldc; j++) c[i * ldc + j] = pre[i * ldc + j] = GUARD;
    // With beta zero, what C held must not matter.
    for (int64_t j = 0; j < s->n && s->beta == 0; j++) c[i * ldc + j] = NAN;
  }
  memcpy(before, c, (size_t)(s->m * ldc) * sizeof(float));
  ds_epilogue e = {.bias = s->bias ? bias : NULL, .activation = s->activation,
                   .preactivation = s->preactivation ? pre : NULL, .preactivation_stride = ldc,
                   .residual = s->residual ? residual : NULL, .residual_stride = ldc};
  bool plain = !s->bias && !s->preactivation && !s->residual && s->activation == 0;
  ds_status status;
  if (s->packed) {
    int64_t size = ds_gemm_packed_size(s->n, s->k);
    float *packed = aligned_alloc(64, (size_t)(size + 16) * sizeof(float));
    packed[size] = GUARD;
    status = ds_gemm_pack(s->transpose_b, s->n, s->k, b, ldb, packed);
    CHECK(status == DS_OK && packed[size] == GUARD, "packing n %d k %d", (int)s->n, (int)s->k);
    status = ds_gemm_packed(s->m, s->n, s->k, a, lda, packed, s->beta, c, ldc, plain ? NULL : &e);
    free(packed);
  } else {
    status = ds_gemm(s->transpose_a, s->transpose_b, s->m, s->n, s->k, s->alpha, a, lda, b, ldb, s->beta, c, ldc,
                     plain ? NULL : &e);
  }
  char name[200];
  snprintf(name, sizeof name, "%s m %d n %d k %d ta %d tb %d alpha %g beta %g spare %d bias %d act %d pre %d res %d",
           s->packed ? "packed" : "gemm", (int)s->m, (int)s->n, (int)s->k, s->transpose_a, s->transpose_b,
           (double)s->alpha, (double)s->beta, (int)s->spare, s->bias, s->activation, s->preactivation, s->residual);
  CHECK(status == DS_OK, "%s: status %d", name, status);

  double worst = 0, worst_pre = 0;
  int64_t guards = 0;
  for (int64_t i = 0; i < s->m; i++) {
    for (int64_t j = 0; j < s->n; j++) {
      double sum = 0, magnitude = 0;
      for (int64_t x = 0; x < s->k && s->alpha != 0; x++) {
        double left = s->transpose_a ? a[x * lda + i] : a[i * lda + x];
        double right = s->transpose_b ? b[j * ldb + x] : b[x * ldb + j];
        sum += left * right;
        magnitude += fabs(left * right);
      }
      double alpha = s->packed ? 1 : (double)s->alpha;
      double old = s->beta == 0 ? 0 : (double)s->beta * before[i * ldc + j];
      double p = alpha * sum + old + (s->bias ? bias[j] : 0);
      double expected = activation(s->activation, p) + (s->residual ? residual[i * ldc + j] : 0);
      // A sum of k terms, each rounded once, may be off by about sqrt(k) units in the last place of its magnitude;
      // no activation here stretches a difference by more than 1.13.
      double scale = fabs(alpha) * magnitude + fabs(old) + 1;
      double allowed = 2e-7 * scale * (2 + sqrt((double)s->k) / 4);
      double error = fabs(c[i * ldc + j] - expected) / allowed;
      if (!(error <= worst)) worst = error;
      if (s->preactivation) {
        error = fabs(pre[i * ldc + j] - p) / allowed;
        if (!(error <= worst_pre)) worst_pre = error;
      }
    }
    for (int64_t j = s->n; j < ldc; j++) guards += c[i * ldc + j] != GUARD || pre[i * ldc + j] != GUARD;
  }
  CHECK(worst <= 1, "%s: error %g times the bound", name, worst);
  CHECK(worst_pre <= 1, "%s: pre-activation off by %g times the bound", name, worst_pre);
  CHECK(guards == 0, "%s: wrote outside C", name);
  free(a), free(b), free(c), free(before), free(pre), free(bias), free(residual);
}

static void test_shapes(void) {
  // Around the register tiles (4, 6, 14 rows; 4 to 32 columns), the panel and the vector widths.
  const int64_t ms[] = {1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 29, 64}, ns[] = {1, 3, 8, 15, 16, 17, 31, 32, 33, 65, 100};
  const int64_t ks[] = {0, 1, 2, 7, 16, 17, 64, 129};
  for (size_t m = 0; m < sizeof ms / sizeof *ms; m++) {
    for (size_t n = 0; n < sizeof ns / sizeof *ns; n++) {
      for (size_t k = 0; k < sizeof ks / sizeof *ks; k++) {
        int which = (int)(m + n + k);  // the transposes and strides in turn
        sample s = {.m = ms[m], .n = ns[n], .k = ks[k], .alpha = 1, .transpose_a = which & 1,
                    .transpose_b = which & 2, .spare = which % 3};
        run_sample(&s);
        s.packed = true;
        s.transpose_a = false;
        run_sample(&s);
      }
    }
  }
}

static void test_transposes_and_factors(void) {
  const float alphas[] = {0, 1, -0.5f}, betas[] = {0, 1, 0.25f};
  for (int which = 0; which < 4 * 9; which++) {
    sample s = {.m = 37, .n = 43, .k = 50, .transpose_a = which & 1, .transpose_b = which & 2,
                .alpha = alphas[which / 4 % 3], .beta = betas[which / 12], .spare = which % 2 * 5};
    run_sample(&s);
    // Large enough for several threads and blocks of depth.
    s.m = CHECK_EMULATED ? 50 : 150, s.n = CHECK_EMULATED ? 70 : 170, s.k = 1100;
    if (which % 5 == 0) run_sample(&s);
    s.packed = true, s.alpha = 1, s.transpose_a = false;
    if (which % 5 == 0) run_sample(&s);
  }
  run_sample(&(sample){.m = 600, .n = 40, .k = 600, .alpha = 1});
  run_sample(&(sample){.m = 600, .n = 40, .k = 600, .alpha = 1, .transpose_a = true, .beta = 1});
  run_sample(&(sample){.m = 3, .n = 700, .k = 600, .alpha = 1, .transpose_b = true});
}

static void test_epilogues(void) {
  for (int32_t kind = DS_ACTIVATION_NONE; kind <= DS_ACTIVATION_SIGMOID; kind++) {
    for (int which = 0; which < 16; which++) {
      sample s = {.m = 17, .n = which & 8 ? 45 : 64, .k = 30, .alpha = 1.5f, .bias = which & 1,
                  .preactivation = which & 2, .residual = which & 4, .activation = kind, .spare = 3};
      run_sample(&s);
      s.packed = true;
      s.alpha = 1;
      s.beta = 1;
      run_sample(&s);
      s.k = which == 5 ? 1100 : 0;  // several blocks of depth: the epilogue comes after the last one
      run_sample(&s);
    }
  }
}

static void test_activations_at_extremes(void) {
  const float inputs[] = {0,      -0.0f,  1e-30f, -1e-30f, 1e-4f, 0.3f,  -0.3f,    0.7f,     3,   -3,  5.4f,
                          -5.4f,  5.6f,   -5.6f,  9,       -9,    20,    -20,      88,       -88, 89,  -89,
                          100,    -100,   1e10f,  -1e10f,  1e30f, -1e30f};
  enum { COUNT = sizeof inputs / sizeof *inputs };
  for (int32_t kind = DS_ACTIVATION_NONE; kind <= DS_ACTIVATION_SIGMOID; kind++) {
    float one = 1, c[COUNT];
    ds_epilogue e = {.activation = kind};
    CHECK(ds_gemm(false, false, 1, COUNT, 1, 1, &one, 1, inputs, COUNT, 0, c, COUNT, &e) == DS_OK, "kind %d", kind);
    for (int i = 0; i < COUNT; i++) {
      double expected = activation(kind, inputs[i]);
      CHECK_CLOSE((double)c[i], expected, 2e-7, 4e-7, "activation %d of %g", kind, (double)inputs[i]);
    }
    float nan = NAN;
    CHECK(ds_gemm(false, false, 1, 1, 1, 1, &one, 1, &nan, 1, 0, c, 1, &e) == DS_OK && isnan(c[0]),
          "activation %d of NaN is NaN, not %g", kind, (double)c[0]);
  }
}

static void test_batches(void) {
  enum { M = 9, N = 20, K = 11 };
  const int64_t shape[] = {3, 4};
  for (int which = 0; which < 64; which++) {
    bool ta = which & 1, tb = which & 2;
    // Broadcast along each dimension of A and of B in turn.
    int64_t as[] = {which & 4 ? 0 : 4 * M * K, which & 8 ? 0 : M * K};
    int64_t bs[] = {which & 16 ? 0 : 4 * K * N, which & 32 ? 0 : K * N};
    int64_t cs[] = {4 * M * N, M * N};
    float *a = filled(12 * M * K), *b = filled(12 * K * N), *c = filled(12 * M * N), *bias = filled(N);
    float *old = malloc(12 * M * N * sizeof(float));
    memcpy(old, c, 12 * M * N * sizeof(float));
    ds_epilogue e = {.bias = bias};
    ds_status status = ds_gemm_batched(2, shape, as, bs, cs, ta, tb, M, N, K, 0.5f, a, ta ? M : K, b, tb ? K : N, 1.0f, c,
                                       N, &e);
    CHECK(status == DS_OK, "batch %d: status %d", which, status);
    double worst = 0;
    for (int64_t p = 0; p < 3; p++) {
      for (int64_t q = 0; q < 4; q++) {
        const float *ai = a + p * as[0] + q * as[1], *bi = b + p * bs[0] + q * bs[1];
        for (int64_t i = 0; i < M; i++) {
          for (int64_t j = 0; j < N; j++) {
            double sum = 0;
            for (int64_t x = 0; x < K; x++) sum += (double)ai[ta ? x * M + i : i * K + x] * bi[tb ? j * K + x : x * N + j];
            int64_t at = p * cs[0] + q * cs[1] + i * N + j;
            double error = fabs(0.5 * sum + old[at] + bias[j] - c[at]);
            if (!(error <= worst)) worst = error;
          }
        }
      }
    }
    CHECK(worst < 2e-6, "batch %d: error %g", which, worst);
    free(a), free(b), free(c), free(bias), free(old);
  }
  // A batch that folds into one tall product, and one whose items are shared among threads.
  const int64_t shapes[][4] = {{5, 30, 100, 200}, {1, 200, 300, 100}};
  for (int i = 0; i < 2; i++) {
    int64_t count = shapes[i][0], m = shapes[i][1], n = shapes[i][2], k = shapes[i][3];
    int64_t as = m * k, bs = 0, cs = m * n;
    float *a = filled(count * as), *b = filled(k * n), *c = filled(count * cs), *whole = filled(count * cs);
    CHECK(ds_gemm_batched(1, &count, &as, &bs, &cs, false, false, m, n, k, 1, a, k, b, n, 0, c, n, NULL) == DS_OK, "fold");
    ds_gemm(false, false, count * m, n, k, 1, a, k, b, n, 0, whole, n, NULL);
    CHECK(memcmp(c, whole, (size_t)(count * cs) * sizeof(float)) == 0, "a folded batch differs from the tall product");
    free(a), free(b), free(c), free(whole);
  }
}

static void test_threads_do_not_change_the_result(void) {
  int32_t threads = ds_thread_count();
  enum { M = 130, N = 301, K = CHECK_EMULATED ? 70 : 700 };
  float *a = filled(M * K), *b = filled(K * N), *first = filled(M * N), *c = filled(M * N);
  for (int32_t count = 1; count <= 7; count++) {
    ds_set_thread_count(count);
    ds_gemm(false, false, M, N, K, 1, a, K, b, N, 0, count == 1 ? first : c, N, NULL);
    if (count > 1) CHECK(memcmp(first, c, M * N * sizeof(float)) == 0, "%d threads give another result than one", count);
  }
  // Nor does the height of the product: a row's result is its own.
  ds_gemm(false, false, 1, N, K, 1, a, K, b, N, 0, c, N, NULL);
  CHECK(memcmp(first, c, N * sizeof(float)) == 0, "one row alone gives another result than among others");
  ds_set_thread_count(threads);
  free(a), free(b), free(first), free(c);
}

static void test_refusals(void) {
  float x[4] = {1, 2, 3, 4}, c[4] = {5, 6, 7, 8};
  ds_epilogue bad = {.activation = 99}, stored = {.preactivation = x, .preactivation_stride = 2};
  CHECK(ds_gemm(false, false, -1, 2, 2, 1, x, 2, x, 2, 0, c, 2, NULL) == DS_INVALID_SHAPE, "negative size");
  CHECK(ds_gemm(false, false, 2, 2, 2, 1, x, 1, x, 2, 0, c, 2, NULL) == DS_INVALID_SHAPE, "short row of A");
  CHECK(ds_gemm(false, false, 2, 2, 2, 1, x, 2, x, 1, 0, c, 2, NULL) == DS_INVALID_SHAPE, "short row of B");
  CHECK(ds_gemm(false, false, 2, 2, 2, 1, x, 2, x, 2, 0, c, 1, NULL) == DS_INVALID_SHAPE, "short row of C");
  CHECK(ds_gemm(false, false, 2, 2, 2, 1, x, 2, x, 2, 0, c, 2, &bad) == DS_INVALID_SHAPE, "unknown activation");
  CHECK(ds_gemm_batched(0, NULL, NULL, NULL, NULL, false, false, 2, 2, 2, 1, x, 2, x, 2, 0, c, 2, &stored) ==
            DS_INVALID_SHAPE, "pre-activation of a batch");
  CHECK(ds_gemm(false, false, 0, 2, 2, 1, NULL, 2, x, 2, 0, NULL, 2, NULL) == DS_OK, "no rows");
  CHECK(ds_gemm(false, false, 2, 0, 2, 1, x, 2, NULL, 0, 0, NULL, 0, NULL) == DS_OK, "no columns");
  CHECK(c[0] == 5 && c[3] == 8, "a refused product wrote to C");
  CHECK(ds_gemm(false, false, 2, 2, 0, 1, NULL, 0, NULL, 2, 2, c, 2, NULL) == DS_OK && c[0] == 10 && c[3] == 16,
        "an empty sum scales C");
  CHECK(ds_gemm_packed_size(-1, 2) == -1 && ds_gemm_packed_size(INT64_MAX, 2) == -1 &&
            ds_gemm_packed_size(INT64_MAX / 2, 4) == -1 && ds_gemm_packed_size(INT64_MAX / 8, 1) > 0,
        "packed sizes that overflow");
  CHECK(ds_gemm_packed_size(33, 5) == 64 * 5, "two panels");
}

int main(void) {
  test_shapes();
  test_transposes_and_factors();
  test_epilogues();
  test_activations_at_extremes();
  test_batches();
  test_threads_do_not_change_the_result();
  test_refusals();
  return check_summary();
}
