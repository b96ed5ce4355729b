// Attention against the textbook form in double precision, with its whole [queries, keys] matrix: shapes around the
// block borders, grouped heads, causality, masks of each kind, dropout, strided memory, queries that see nothing,
// packed sequences; the gradients by formula, and the formula by finite differences.
#include "ds_attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ds_threads.h"

static uint64_t state = 7;

static float uniform(void) {  // in [-1, 1)
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (float)(int32_t)(state >> 32) * 0x1p-31f;
}

typedef enum mask_kind {
  NO_MASK,
  PADDING,         // boolean [batch, 1, 1, keys], as of sentences of several lengths
  BOOLEAN,         // boolean [batch, heads, queries, keys]
  ADDED,           // float32 [1, heads, queries, keys], as of position biases
  ADDED_PADDING,   // float32 [batch, 1, 1, keys], with the lowest finite number, as Hugging Face makes them
  NOTHING_VISIBLE  // boolean, false in every other row
} mask_kind;

typedef struct sample {
  int64_t batch, heads, key_heads, queries, keys, width, value_width;
  bool causal;
  mask_kind mask;
  double dropout;
  bool interleaved;  // memory order [batch, row, head, width], as projections leave it
} sample;

static const char *describe(const sample *s) {
  static char text[200];
  snprintf(text, sizeof text, "b %d h %d/%d q %d k %d d %d/%d causal %d mask %d dropout %g interleaved %d",
           (int)s->batch, (int)s->heads, (int)s->key_heads, (int)s->queries, (int)s->keys, (int)s->width,
           (int)s->value_width, s->causal, s->mask, s->dropout, s->interleaved);
  return text;
}

// A float32 tensor [batch, heads, rows, width] in memory of exactly its size.
static ds_view tensor(const sample *s, int64_t heads, int64_t rows, int64_t width, bool filled) {
  int64_t count = s->batch * heads * rows * width;
  float *data = malloc((size_t)(count > 0 ? count : 1) * sizeof(float));
  for (int64_t i = 0; i < count; i++) data[i] = filled ? uniform() : NAN;
  ds_view view = {.data = data, .dtype = DS_FLOAT32, .rank = 4, .shape = {s->batch, heads, rows, width},
                  .strides = {heads * rows * width, rows * width, width, 1}};
  if (s->interleaved) view.strides[1] = width, view.strides[2] = heads * width;
  return view;
}

static float *at(const ds_view *view, int64_t b, int64_t h, int64_t i, int64_t d) {
  return (float *)view->data + b * view->strides[0] + h * view->strides[1] + i * view->strides[2] +
         d * view->strides[3];
}

static ds_view make_mask(const sample *s) {
  ds_view m = {.rank = 4, .shape = {s->batch, s->heads, s->queries, s->keys}};
  int64_t full = s->batch * s->heads * s->queries * s->keys + 1;
  bool boolean = s->mask == PADDING || s->mask == BOOLEAN || s->mask == NOTHING_VISIBLE;
  m.dtype = boolean ? DS_BOOL : DS_FLOAT32;
  m.data = malloc((size_t)full * (boolean ? 1 : sizeof(float)));
  m.strides[3] = 1;
  if (s->mask == PADDING || s->mask == ADDED_PADDING) {
    m.strides[0] = s->keys;
  } else {
    m.strides[2] = s->keys;
    m.strides[1] = s->queries * s->keys;
    m.strides[0] = s->mask == ADDED ? 0 : s->heads * s->queries * s->keys;
  }
  for (int64_t i = 0; i < full; i++) {
    float x = uniform();
    int64_t j = s->keys == 0 ? 0 : i % s->keys, row = s->keys == 0 ? 0 : i / s->keys;
    bool padding = j >= 1 + row % (s->keys < 1 ? 1 : s->keys);
    switch (s->mask) {
      case PADDING:
        ((uint8_t *)m.data)[i] = !padding;
        break;
      case BOOLEAN:
        ((uint8_t *)m.data)[i] = x > -0.3f;
        break;
      case NOTHING_VISIBLE:
        ((uint8_t *)m.data)[i] = row % 2 == 1;
        break;
      case ADDED_PADDING:
        ((float *)m.data)[i] = padding ? -3.4028235e38f : 0.0f;
        break;
      default:
        ((float *)m.data)[i] = 3 * x;
    }
  }
  return m;
}

typedef struct reference {
  double *out, *logsumexp, *dq, *dk, *dv;
} reference;

static bool kept(const sample *s, const ds_attention_options *o, int64_t b, int64_t h, int64_t i, int64_t j) {
  uint64_t element = (uint64_t)(((b * s->heads + h) * s->queries + i) * s->keys + j);
  uint32_t words[4];
  ds_philox_block(o->key, element / 4, words);
  return words[element % 4] >= ds_dropout_threshold(o->dropout);
}

// All contiguous, [batch, heads, rows, width]; `dout` may be NULL.
static reference compute(const sample *s, const ds_view *q, const ds_view *k, const ds_view *v,
                         const ds_attention_options *o, const ds_view *dout) {
  int64_t rows = s->batch * s->heads * s->queries, key_rows = s->batch * s->key_heads * s->keys;
  reference r = {.out = calloc((size_t)(rows * s->value_width + 1), 8), .logsumexp = calloc((size_t)rows + 1, 8),
                 .dq = calloc((size_t)(rows * s->width + 1), 8), .dk = calloc((size_t)(key_rows * s->width + 1), 8),
                 .dv = calloc((size_t)(key_rows * s->value_width + 1), 8)};
  double *p = malloc((size_t)(s->keys + 1) * 8), *keep = malloc((size_t)(s->keys + 1) * 8);
  double *dp = malloc((size_t)(s->keys + 1) * 8);
  for (int64_t row = 0; row < rows; row++) {
    int64_t i = row % s->queries, h = row / s->queries % s->heads, b = row / s->queries / s->heads;
    int64_t kh = h / (s->heads / s->key_heads), key_row = (b * s->key_heads + kh) * s->keys;
    double max = -INFINITY, sum = 0, delta = 0;
    for (int64_t j = 0; j < s->keys; j++) {
      p[j] = 0;
      for (int64_t d = 0; d < s->width; d++) p[j] += (double)*at(q, b, h, i, d) * *at(k, b, kh, j, d);
      p[j] *= o->scale;
      if (s->causal && j > i + s->keys - s->queries) p[j] = -INFINITY;
      const ds_view *m = o->mask;
      if (m != NULL) {
        int64_t offset = b * m->strides[0] + h * m->strides[1] + i * m->strides[2] + j * m->strides[3];
        p[j] += m->dtype == DS_BOOL ? ((uint8_t *)m->data)[offset] ? 0 : -INFINITY : (double)((float *)m->data)[offset];
      }
      if (p[j] > max) max = p[j];
      keep[j] = o->dropout == 0 ? 1 : kept(s, o, b, h, i, j) ? 1 / (1 - o->dropout) : 0;
    }
    for (int64_t j = 0; j < s->keys; j++) {
      p[j] = max == -INFINITY ? 0 : exp(p[j] - max);
      sum += p[j];
    }
    r.logsumexp[row] = sum == 0 ? -INFINITY : max + log(sum);
    for (int64_t j = 0; j < s->keys; j++) {
      p[j] = sum == 0 ? 0 : p[j] / sum;
      for (int64_t d = 0; d < s->value_width; d++) r.out[row * s->value_width + d] += p[j] * keep[j] * *at(v, b, kh, j, d);
    }
    if (dout == NULL) continue;
    for (int64_t j = 0; j < s->keys; j++) {
      dp[j] = 0;
      for (int64_t d = 0; d < s->value_width; d++) {
        double g = *at(dout, b, h, i, d);
        dp[j] += g * *at(v, b, kh, j, d) * keep[j];
        r.dv[(key_row + j) * s->value_width + d] += p[j] * keep[j] * g;
      }
      delta += p[j] * dp[j];
    }
    for (int64_t j = 0; j < s->keys; j++) {
      double ds = p[j] * (dp[j] - delta) * o->scale;
      for (int64_t d = 0; d < s->width; d++) {
        r.dq[row * s->width + d] += ds * *at(k, b, kh, j, d);
        r.dk[(key_row + j) * s->width + d] += ds * *at(q, b, h, i, d);
      }
    }
  }
  free(p), free(keep), free(dp);
  return r;
}

static void release(reference r) { free(r.out), free(r.logsumexp), free(r.dq), free(r.dk), free(r.dv); }

static double worst_error(const sample *s, const ds_view *view, const double *expected) {
  double worst = 0;
  int64_t heads = view->shape[1], rows = view->shape[2], width = view->shape[3];
  for (int64_t b = 0; b < s->batch; b++) {
    for (int64_t h = 0; h < heads; h++) {
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t d = 0; d < width; d++) {
          double error = fabs(*at(view, b, h, i, d) - expected[((b * heads + h) * rows + i) * width + d]);
          if (!(error <= worst)) worst = error;
        }
      }
    }
  }
  return worst;
}

// The mask that says what `offsets` do: queries see the keys of their own sequence.
static ds_view sequences_mask(const sample *s, const int32_t *offsets, int64_t sequences) {
  ds_view m = {.dtype = DS_BOOL, .rank = 4, .shape = {1, s->heads, s->queries, s->keys}, .strides = {0, 0, s->keys, 1},
               .data = calloc((size_t)(s->queries * s->keys + 1), 1)};
  for (int64_t n = 0; n < sequences; n++) {
    for (int64_t i = offsets[n]; i < offsets[n + 1]; i++) {
      for (int64_t j = offsets[n]; j < offsets[n + 1]; j++) ((uint8_t *)m.data)[i * s->keys + j] = 1;
    }
  }
  return m;
}

// A call; with `offsets`, on so many packed sequences.
static void run_packed(const sample *s, const int32_t *offsets, int64_t sequences) {
  ds_view q = tensor(s, s->heads, s->queries, s->width, true), k = tensor(s, s->key_heads, s->keys, s->width, true);
  ds_view v = tensor(s, s->key_heads, s->keys, s->value_width, true);
  ds_view out = tensor(s, s->heads, s->queries, s->value_width, false);
  ds_view dout = tensor(s, s->heads, s->queries, s->value_width, true);
  ds_view dq = tensor(s, s->heads, s->queries, s->width, false), dk = tensor(s, s->key_heads, s->keys, s->width, false);
  ds_view dv = tensor(s, s->key_heads, s->keys, s->value_width, false), mask = {0};
  ds_attention_options o = {.scale = s->width > 0 ? 3 / sqrtf((float)s->width) : 1, .causal = s->causal,
                            .dropout = s->dropout, .key = {.seed = 0x123456789abcdef0, .stream = 0x0fedcba987654321}};
  if (s->mask != NO_MASK) {
    mask = make_mask(s);
    o.mask = &mask;
  }
  ds_attention_options dense = o;
  if (offsets != NULL) {
    mask = sequences_mask(s, offsets, sequences);
    dense.mask = &mask;
    o.offsets = offsets;
    o.sequences = sequences;
  }
  int64_t rows = s->batch * s->heads * s->queries;
  float *logsumexp = malloc((size_t)(rows + 1) * sizeof(float));
  logsumexp[rows] = 99;
  ds_status status = ds_attention_forward(&q, &k, &v, &o, &out, logsumexp);
  CHECK(status == DS_OK, "%s: forward status %d", describe(s), status);
  reference r = compute(s, &q, &k, &v, &dense, &dout);
  double error = worst_error(s, &out, r.out);
  CHECK(error <= 3e-6, "%s: output off by %g", describe(s), error);
  for (int64_t i = 0; i < rows; i++) {
    CHECK(logsumexp[i] == r.logsumexp[i] || fabs(logsumexp[i] - r.logsumexp[i]) <= 4e-6 * (1 + fabs(r.logsumexp[i])),
          "%s: logsumexp %d is %g, not %g", describe(s), (int)i, (double)logsumexp[i], r.logsumexp[i]);
  }
  CHECK(logsumexp[rows] == 99, "%s: wrote past logsumexp", describe(s));

  status = ds_attention_backward(&q, &k, &v, &o, &out, logsumexp, &dout, &dq, &dk, &dv);
  CHECK(status == DS_OK, "%s: backward status %d", describe(s), status);
  // A key's gradient sums over all queries of its group, with rounding in each.
  double allowed = 1e-5 * (1 + sqrt((double)(s->queries * s->heads / s->key_heads)) / 4);
  error = worst_error(s, &dq, r.dq);
  CHECK(error <= 1e-5, "%s: dq off by %g", describe(s), error);
  error = worst_error(s, &dk, r.dk);
  CHECK(error <= allowed, "%s: dk off by %g", describe(s), error);
  error = worst_error(s, &dv, r.dv);
  CHECK(error <= allowed, "%s: dv off by %g", describe(s), error);
  release(r);
  free(q.data), free(k.data), free(v.data), free(out.data), free(dout.data), free(dq.data), free(dk.data);
  free(dv.data), free(mask.data), free(logsumexp);
}

static void run_sample(const sample *s) { run_packed(s, NULL, 0); }

static void test_packed_sequences(void) {
  // With empty ones among them, at the blocks' borders, and beyond them.
  const int32_t offsets[] = {0, 1, 1, 33, 65, 72, 200, 233, 500, 500};
  for (int which = 0; which < 8; which++) {
    run_packed(&(sample){.batch = 1, .heads = 6, .key_heads = which & 1 ? 2 : 6, .queries = 500, .keys = 500,
                         .width = 16, .value_width = which & 2 ? 16 : 24, .causal = which & 4, .interleaved = true,
                         .dropout = which == 3 ? 0.25 : 0}, offsets, 9);
    if (CHECK_EMULATED) break;
  }
  const int32_t nothing[] = {0};
  run_packed(&(sample){.batch = 1, .heads = 2, .key_heads = 2, .width = 8, .value_width = 8}, nothing, 0);
}

// A sequence among others has the bits that it has alone.
static void test_packing_changes_no_bit(void) {
  const int32_t offsets[] = {0, 40, 41, 190, 300};
  sample s = {.batch = 1, .heads = 4, .key_heads = 4, .queries = 300, .keys = 300, .width = 32, .value_width = 32,
              .interleaved = true};
  ds_view q = tensor(&s, 4, 300, 32, true), k = tensor(&s, 4, 300, 32, true), v = tensor(&s, 4, 300, 32, true);
  ds_view out = tensor(&s, 4, 300, 32, false), alone = tensor(&s, 4, 300, 32, false);
  ds_attention_options packed = {.scale = 0.2f, .offsets = offsets, .sequences = 4}, plain = {.scale = 0.2f};
  CHECK(ds_attention_forward(&q, &k, &v, &packed, &out, NULL) == DS_OK, "packed");
  for (int n = 0; n < 4; n++) {
    ds_view parts[4] = {q, k, v, alone};
    for (int i = 0; i < 4; i++) {
      parts[i].data = at(&parts[i], 0, 0, offsets[n], 0);
      parts[i].shape[2] = offsets[n + 1] - offsets[n];
    }
    if (parts[0].shape[2] <= 4) {  // few queries take a way of their own, with another order of sums
      memcpy(parts[3].data, at(&out, 0, 0, offsets[n], 0), (size_t)(parts[0].shape[2] * 4 * 32) * sizeof(float));
      continue;
    }
    CHECK(ds_attention_forward(&parts[0], &parts[1], &parts[2], &plain, &parts[3], NULL) == DS_OK, "alone");
  }
  CHECK(memcmp(out.data, alone.data, 4 * 300 * 32 * sizeof(float)) == 0, "packed and single sequences differ");
  free(q.data), free(k.data), free(v.data), free(out.data), free(alone.data);
}

static void test_shapes(void) {
  const int64_t queries[] = {1, 3, 5, 31, 32, 33, 129, 260}, keys[] = {1, 2, 15, 32, 127, 128, 130, 257};
  const int64_t widths[] = {1, 5, 16, 24, 64, 80};
  for (int i = 0; i < 8; i++) {
    for (int j = 0; j < 8; j++) {
      if (CHECK_EMULATED && (i + j) % 3 != 0) continue;
      sample s = {.batch = 1 + (i + j) % 2, .heads = 2, .key_heads = 1 + j % 2, .queries = queries[i], .keys = keys[j],
                  .width = widths[(i * 3 + j) % 6], .value_width = widths[(i + j) % 6], .interleaved = i % 2,
                  .causal = (i + j) % 3 == 0, .mask = (mask_kind)((i + 2 * j) % 6), .dropout = j % 4 == 1 ? 0.2 : 0};
      run_sample(&s);
    }
  }
}

static void test_options(void) {
  for (mask_kind mask = NO_MASK; mask <= NOTHING_VISIBLE; mask++) {
    for (int which = 0; which < 8; which += CHECK_EMULATED ? 3 : 1) {
      sample s = {.batch = 2, .heads = 6, .key_heads = which & 1 ? 2 : 6, .queries = 40, .keys = which & 2 ? 40 : 150,
                  .width = 16, .value_width = 16, .causal = which & 4, .mask = mask, .interleaved = true};
      run_sample(&s);
      s.dropout = 0.5;
      run_sample(&s);
      s.dropout = 0;
      s.queries = s.key_heads == 2 ? 1 : 2;  // the way of few queries
      run_sample(&s);
    }
  }
  // Causal with more queries than keys: the first queries see nothing.
  run_sample(&(sample){.batch = 1, .heads = 1, .key_heads = 1, .queries = 200, .keys = 60, .width = 8, .value_width = 8,
                       .causal = true});
  run_sample(&(sample){.batch = 1, .heads = 1, .key_heads = 1, .queries = 3, .keys = 1, .width = 8, .value_width = 8,
                       .causal = true});
  // One head and many rows: the backward pass that is cut by keys and by queries.
  run_sample(&(sample){.batch = 1, .heads = 3, .key_heads = 3, .queries = 300, .keys = 310, .width = 32,
                       .value_width = 32, .causal = true, .dropout = 0.1});
  // Nothing at all.
  run_sample(&(sample){.batch = 1, .heads = 2, .key_heads = 2, .queries = 7, .keys = 0, .width = 8, .value_width = 8});
  run_sample(&(sample){.batch = 0, .heads = 2, .key_heads = 2, .queries = 7, .keys = 5, .width = 8, .value_width = 8});
  run_sample(&(sample){.batch = 1, .heads = 2, .key_heads = 2, .queries = 0, .keys = 5, .width = 8, .value_width = 8});
}

// The formulas above, by central differences of the textbook form's forward pass.
static void test_reference_gradients(void) {
  sample s = {.batch = 1, .heads = 2, .key_heads = 1, .queries = 3, .keys = 4, .width = 5, .value_width = 2,
              .causal = true, .dropout = 0.3};
  ds_view q = tensor(&s, 2, 3, 5, true), k = tensor(&s, 1, 4, 5, true), v = tensor(&s, 1, 4, 2, true);
  ds_view dout = tensor(&s, 2, 3, 2, true);
  ds_attention_options o = {.scale = 0.7f, .causal = true, .dropout = 0.3, .key = {1, 2}};
  reference r = compute(&s, &q, &k, &v, &o, &dout);
  ds_view *inputs[] = {&q, &k, &v};
  const double *gradients[] = {r.dq, r.dk, r.dv};
  const int64_t counts[] = {30, 20, 8};
  for (int which = 0; which < 3; which++) {
    for (int64_t i = 0; i < counts[which]; i++) {
      float *x = (float *)inputs[which]->data + i, before = *x;
      double sums[2], steps[2];
      for (int side = 0; side < 2; side++) {
        *x = before + (side == 0 ? 0x1p-8f : -0x1p-8f);
        steps[side] = *x;
        reference moved = compute(&s, &q, &k, &v, &o, NULL);
        sums[side] = 0;
        for (int64_t j = 0; j < 12; j++) sums[side] += moved.out[j] * ((float *)dout.data)[j];
        release(moved);
      }
      *x = before;
      CHECK_CLOSE((sums[0] - sums[1]) / (steps[0] - steps[1]), gradients[which][i], 2e-5, 1e-4, "input %d element %d",
                  which, (int)i);
    }
  }
  release(r);
  free(q.data), free(k.data), free(v.data), free(dout.data);
}

static void test_threads_do_not_change_the_result(void) {
  int32_t threads = ds_thread_count();
  sample s = {.batch = 1, .heads = 3, .key_heads = 3, .queries = 300, .keys = 300, .width = 24, .value_width = 24};
  ds_view q = tensor(&s, 3, 300, 24, true), k = tensor(&s, 3, 300, 24, true), v = tensor(&s, 3, 300, 24, true);
  ds_view g = tensor(&s, 3, 300, 24, true), results[2][4];
  ds_attention_options o = {.scale = 0.2f, .causal = true, .dropout = 0.1, .key = {3, 4}};
  float *logsumexp = malloc(900 * sizeof(float));
  for (int32_t count = 1; count <= 5; count++) {
    ds_set_thread_count(count);
    ds_view *to = results[count > 1];
    for (int i = 0; i < 4; i++) to[i] = tensor(&s, 3, 300, 24, false);
    CHECK(ds_attention_forward(&q, &k, &v, &o, &to[0], logsumexp) == DS_OK, "forward");
    CHECK(ds_attention_backward(&q, &k, &v, &o, &to[0], logsumexp, &g, &to[1], &to[2], &to[3]) == DS_OK, "backward");
    for (int i = 0; i < 4 && count > 1; i++) {
      CHECK(memcmp(results[0][i].data, to[i].data, 3 * 300 * 24 * sizeof(float)) == 0,
            "%d threads give another result %d than one", count, i);
      free(to[i].data);
    }
  }
  ds_set_thread_count(threads);
  for (int i = 0; i < 4; i++) free(results[0][i].data);
  free(q.data), free(k.data), free(v.data), free(g.data), free(logsumexp);
}

static void test_refusals(void) {
  sample s = {.batch = 1, .heads = 4, .key_heads = 2, .queries = 5, .keys = 6, .width = 8, .value_width = 8};
  ds_view q = tensor(&s, 4, 5, 8, true), k = tensor(&s, 2, 6, 8, true), v = tensor(&s, 2, 6, 8, true);
  ds_view out = tensor(&s, 4, 5, 8, true), bad;
  float logsumexp[20];
  ds_attention_options o = {.scale = 1};
#define REFUSED(status, q, k, v, o, out)                                                            \
  CHECK(ds_attention_forward(q, k, v, o, out, logsumexp) == status, "not refused as it should be")
  bad = q, bad.dtype = DS_FLOAT64;
  REFUSED(DS_UNSUPPORTED_DTYPE, &bad, &k, &v, &o, &out);
  bad = q, bad.rank = 3;
  REFUSED(DS_INVALID_SHAPE, &bad, &k, &v, &o, &out);
  bad = q, bad.shape[1] = 3;
  REFUSED(DS_INVALID_SHAPE, &bad, &k, &v, &o, &out);
  bad = k, bad.shape[3] = 7;
  REFUSED(DS_INVALID_SHAPE, &q, &bad, &v, &o, &out);
  bad = v, bad.shape[2] = 7;
  REFUSED(DS_INVALID_SHAPE, &q, &k, &bad, &o, &out);
  bad = out, bad.strides[3] = 2;
  REFUSED(DS_INVALID_SHAPE, &q, &k, &v, &o, &bad);
  bad = q, bad.shape[3] = 1 << 20;
  REFUSED(DS_INVALID_SHAPE, &bad, &k, &v, &o, &out);
  ds_view mask = {.data = logsumexp, .dtype = DS_BOOL, .rank = 4, .shape = {1, 4, 5, 7}};
  ds_attention_options with_mask = {.scale = 1, .mask = &mask}, certain = {.scale = 1, .dropout = 1};
  ds_attention_options not_a_number = {.scale = 1, .dropout = NAN};
  REFUSED(DS_INVALID_SHAPE, &q, &k, &v, &with_mask, &out);
  mask.shape[3] = 6, mask.dtype = DS_INT32;
  REFUSED(DS_UNSUPPORTED_DTYPE, &q, &k, &v, &with_mask, &out);
  REFUSED(DS_INVALID_SHAPE, &q, &k, &v, &certain, &out);
  REFUSED(DS_INVALID_SHAPE, &q, &k, &v, &not_a_number, &out);
  CHECK(ds_attention_backward(&q, &k, &v, &o, &out, logsumexp, &out, &q, &k, &q) == DS_INVALID_SHAPE, "shape of dv");
  int32_t offsets[] = {0, 3, 5};
  ds_attention_options packed = {.scale = 1, .offsets = offsets, .sequences = 2};
  REFUSED(DS_INVALID_SHAPE, &q, &k, &v, &packed, &out);  // other numbers of queries and keys
  ds_view keys = k;
  keys.shape[2] = 5;
  packed.mask = &mask;
  mask.shape[3] = 5, mask.dtype = DS_BOOL;
  REFUSED(DS_INVALID_SHAPE, &q, &keys, &keys, &packed, &out);
  packed.mask = NULL;
  offsets[1] = 6;
  REFUSED(DS_INDEX_OUT_OF_RANGE, &q, &keys, &keys, &packed, &out);
  offsets[1] = 3, offsets[2] = 4;
  REFUSED(DS_INDEX_OUT_OF_RANGE, &q, &keys, &keys, &packed, &out);
  offsets[2] = 5, offsets[0] = -1;
  REFUSED(DS_INDEX_OUT_OF_RANGE, &q, &keys, &keys, &packed, &out);
  free(q.data), free(k.data), free(v.data), free(out.data);
}

int main(void) {
  test_reference_gradients();
  test_refusals();
  test_options();
  test_shapes();
  test_packed_sequences();
  test_packing_changes_no_bit();
  test_threads_do_not_change_the_result();
  return check_summary();
}
