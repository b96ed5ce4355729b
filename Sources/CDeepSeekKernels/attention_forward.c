// Attention's forward pass: a piece of work takes a block of a key head's queries past all keys, block by block.
#include <math.h>
#include <stdatomic.h>

#include "attention_internal.h"
#include "ds_scratch.h"
#include "ds_threads.h"

// Queries of a piece of work: packing a block of keys and values is shared by so many.
enum { MOST_ROWS = 256 };
// Up to so many queries to a key head, the keys are read where they lie: packing them would cost more than it saves.
enum { FEW_ROWS = 4 };

typedef struct forward {
  attention a;
  const ds_view *out;
  float *logsumexp;
  int64_t rows, blocks;  // rows of a block of queries, blocks of a key head
  atomic_int status;
} forward;

typedef struct workspace {
  attention_panel *panels;
  float *queries, *out, *max, *sum;        // of all panels
  float *keys, *values;                    // strips
  float *scores, *keep, *gathered;         // of one panel
} workspace;

static workspace lay_out(const forward *f, attention_memory *memory) {
  const attention *a = &f->a;
  int64_t panels = ceiling(f->rows, ATTENTION_QUERIES), lanes = panels * ATTENTION_QUERIES;
  workspace w;
  w.panels = attention_take(memory, (size_t)panels * sizeof(attention_panel));
  w.queries = attention_floats(memory, lanes * a->width);
  w.out = attention_floats(memory, lanes * a->value_width);
  w.max = attention_floats(memory, lanes);
  w.sum = attention_floats(memory, lanes);
  w.keys = attention_floats(memory, ATTENTION_KEYS * a->width + GEMM_STRIP_PADDING);
  w.values = attention_floats(memory, ATTENTION_KEYS * a->value_width + GEMM_STRIP_PADDING);
  w.scores = attention_floats(memory, ATTENTION_KEYS * ATTENTION_QUERIES);
  w.keep = attention_floats(memory, ATTENTION_KEYS * ATTENTION_QUERIES);
  w.gathered = attention_floats(memory, ATTENTION_QUERIES * a->width);
  return w;
}

// Writes a query's result: out / sum, and the logarithm of the sum. A query that saw no key has sum 0.
static void write_panel(const forward *f, int64_t batch, const attention_panel *panel, const float *out,
                        const float *max, const float *sum) {
  const attention *a = &f->a;
  float factor[ATTENTION_QUERIES];
  float *rows[ATTENTION_QUERIES];
  for (int64_t i = 0; i < ATTENTION_QUERIES; i++) {
    bool nothing = sum[i] == 0.0f;
    factor[i] = nothing ? 0.0f : 1.0f / sum[i];
    rows[i] = attention_row(f->out, batch, panel->head[i], panel->query[i]);
    if (f->logsumexp != NULL && i < panel->count) {
      f->logsumexp[attention_sum_place(a, batch, panel->head[i], panel->query[i])] =
          nothing ? -INFINITY : (max[i] + log2f(sum[i])) * ATTENTION_LN_2;
    }
  }
  a->kernels->write_rows(out, a->value_width, factor, rows, panel->count);
}

static void run_block(const forward *f, int64_t batch, int64_t key_head, int64_t row, int64_t row_end,
                      const workspace *w) {
  const attention *a = &f->a;
  int64_t panels = ceiling(row_end - row, ATTENTION_QUERIES), most_visible = 0;
  for (int64_t p = 0; p < panels; p++) {
    attention_panel *panel = &w->panels[p];
    attention_panel_begin(a, batch, key_head, row + p * ATTENTION_QUERIES, panel);
    if (panel->most_visible > most_visible) most_visible = panel->most_visible;
    attention_gather(panel, a->q, batch, a->width, w->gathered);
    a->gemm->pack_b(true, a->width, panel->count, w->gathered, a->width, w->queries + p * ATTENTION_QUERIES * a->width,
                    ATTENTION_QUERIES * a->width);
  }
  for (int64_t i = 0; i < panels * ATTENTION_QUERIES; i++) w->max[i] = -INFINITY, w->sum[i] = 0.0f;
  for (int64_t i = 0; i < panels * ATTENTION_QUERIES * a->value_width; i++) w->out[i] = 0.0f;

  for (int64_t first = 0; first < most_visible; first += ATTENTION_KEYS) {
    int64_t keys = least(ATTENTION_KEYS, most_visible - first);
    const float *k = attention_row(a->k, batch, key_head, first), *v = attention_row(a->v, batch, key_head, first);
    a->gemm->pack_a(false, keys, a->width, a->options->scale * ATTENTION_LOG2_E, k, a->k->strides[2],
                     keys, w->keys);
    a->gemm->pack_a(true, a->value_width, keys, 1.0f, v, a->v->strides[2], a->value_width, w->values);
    for (int64_t p = 0; p < panels; p++) {
      const attention_panel *panel = &w->panels[p];
      if (panel->most_visible <= first) continue;
      float *out = w->out + p * ATTENTION_QUERIES * a->value_width;
      gemm_panel(a->gemm, keys, ATTENTION_QUERIES, a->width, w->keys, w->queries + p * ATTENTION_QUERIES * a->width,
                 w->scores, ATTENTION_QUERIES, false, NULL, NULL);
      attention_mask(a, batch, panel, w->scores, first, keys);
      a->kernels->softmax(w->scores, keys, w->max + p * ATTENTION_QUERIES, w->sum + p * ATTENTION_QUERIES, out,
                          a->value_width);
      if (a->options->dropout > 0) {
        a->kernels->dropout(w->keep, keys, first, panel->element, a->options->key, a->threshold, a->kept);
        a->kernels->multiply(w->scores, w->keep, keys * ATTENTION_QUERIES);
      }
      gemm_panel(a->gemm, a->value_width, ATTENTION_QUERIES, keys, w->values, w->scores, out, ATTENTION_QUERIES, true,
                 NULL, NULL);
    }
  }
  for (int64_t p = 0; p < panels; p++) {
    write_panel(f, batch, &w->panels[p], w->out + p * ATTENTION_QUERIES * a->value_width,
                w->max + p * ATTENTION_QUERIES, w->sum + p * ATTENTION_QUERIES);
  }
}

// This thread's memory; false where there is none.
static bool take_workspace(forward *f, workspace *w) {
  attention_memory memory = {0};
  lay_out(f, &memory);
  memory.base = ds_scratch(DS_SCRATCH_ATTENTION, memory.used);
  if (memory.base == NULL) {
    atomic_store(&f->status, DS_OUT_OF_MEMORY);
    return false;
  }
  memory.used = 0;
  *w = lay_out(f, &memory);
  return true;
}

static void run_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  forward *f = context;
  const attention *a = &f->a;
  workspace w;
  if (!take_workspace(f, &w)) return;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t block = piece % f->blocks, key_head = piece / f->blocks % a->key_heads;
    int64_t batch = piece / f->blocks / a->key_heads;
    // Causal queries cost the more the later they come: early and late blocks in turn balance the threads.
    block = block % 2 == 0 ? block / 2 : f->blocks - 1 - block / 2;
    run_block(f, batch, key_head, block * f->rows, least((block + 1) * f->rows, a->group * a->queries), &w);
  }
}

// Packed sequences: a piece of work is one of them and a key head.
static void run_sequences(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  forward *f = context;
  workspace w;
  if (!take_workspace(f, &w)) return;
  for (int64_t piece = begin; piece < end; piece++) {
    forward part = {.a = f->a, .logsumexp = f->logsumexp};
    attention *a = &part.a;
    attention_narrow(a, piece / a->key_heads);
    ds_view q = attention_shift(a->q, a, a->queries), k = attention_shift(a->k, a, a->keys);
    ds_view v = attention_shift(a->v, a, a->keys), out = attention_shift(f->out, a, a->queries);
    a->q = &q, a->k = &k, a->v = &v, part.out = &out;
    int64_t rows = a->group * a->queries;
    for (int64_t row = 0; row < rows; row += f->rows) {
      run_block(&part, 0, piece % a->key_heads, row, least(row + f->rows, rows), &w);
    }
  }
}

// One query past a block of keys at a time, with keys along the vectors.
static void run_row(const forward *f, int64_t batch, int64_t head, int64_t query, const attention_panel *panel,
                    int lane) {
  const attention *a = &f->a;
  _Alignas(64) float s[ATTENTION_KEYS], base[ATTENTION_QUERIES];
  float *out = attention_row(f->out, batch, head, query), *q = attention_row(a->q, batch, head, query);
  float max = -INFINITY, sum = 0.0f;
  int64_t key_head = head / a->group, visible = panel->visible[lane];
  for (int64_t d = 0; d < a->value_width; d++) out[d] = 0.0f;
  for (int64_t first = 0; first < visible; first += ATTENTION_KEYS) {
    int64_t keys = least(ATTENTION_KEYS, visible - first);
    a->kernels->dot_rows(s, q, attention_row(a->k, batch, key_head, first), a->k->strides[2], keys, a->width);
    float highest = max;
    for (int64_t j = 0; j < keys; j++) {
      s[j] *= a->options->scale * ATTENTION_LOG2_E;
      s[j] += attention_mask_term(a, batch, head, query, first + j);
      highest = s[j] < highest ? highest : s[j];
    }
    for (int64_t j = keys; j < ATTENTION_KEYS; j++) s[j] = -INFINITY;
    float shift = highest == -INFINITY ? 0.0f : highest, correction = exp2f(max - shift);
    for (int i = 0; i < ATTENTION_QUERIES; i++) base[i] = shift;
    a->kernels->weights(s, ATTENTION_KEYS / ATTENTION_QUERIES, base);
    float partial[4] = {0};
    for (int64_t j = 0; j < ATTENTION_KEYS; j++) partial[j % 4] += s[j];
    sum = sum * correction + ((partial[0] + partial[1]) + (partial[2] + partial[3]));
    for (int64_t d = 0; d < a->value_width && correction != 1.0f; d++) out[d] *= correction;
    a->kernels->add_rows(out, s, attention_row(a->v, batch, key_head, first), a->v->strides[2], keys, a->value_width);
    max = highest;
  }
  for (int64_t d = 0; d < a->value_width && sum != 0.0f; d++) out[d] /= sum;
  if (f->logsumexp != NULL) {
    f->logsumexp[attention_sum_place(a, batch, head, query)] =
        sum == 0.0f ? -INFINITY : (max + log2f(sum)) * ATTENTION_LN_2;
  }
}

static void run_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const forward *f = context;
  const attention *a = &f->a;
  for (int64_t piece = begin; piece < end; piece++) {
    attention_panel panel;
    attention_panel_begin(a, piece / a->key_heads, piece % a->key_heads, 0, &panel);
    for (int lane = 0; lane < panel.count; lane++) {
      run_row(f, piece / a->key_heads, panel.head[lane], panel.query[lane], &panel, lane);
    }
  }
}

ds_status ds_attention_forward(const ds_view *q, const ds_view *k, const ds_view *v,
                               const ds_attention_options *options, const ds_view *out, float *logsumexp) {
  forward f = {.out = out, .logsumexp = logsumexp};
  const attention *a = &f.a;
  ds_status status = attention_prepare(&f.a, q, k, v, options);
  if (status == DS_OK) status = attention_check_view(out, a->batch, a->heads, a->queries, a->value_width);
  if (status != DS_OK) return status;
  int64_t rows = a->group * a->queries, heads = a->batch * a->key_heads;
  if (rows == 0 || heads == 0) return DS_OK;
  if (options->offsets != NULL) {
    f.rows = MOST_ROWS;
    ds_parallel_dynamic(options->sequences * a->key_heads, 1, run_sequences, &f);
    return (ds_status)atomic_load(&f.status);
  }
  if (rows <= FEW_ROWS && options->dropout == 0) {
    ds_parallel_dynamic(heads, 1, run_rows, &f);
    return DS_OK;
  }
  f.rows = MOST_ROWS;
  while (f.rows > ATTENTION_QUERIES && heads * ceiling(rows, f.rows) < 4 * ds_thread_count()) f.rows /= 2;
  f.blocks = ceiling(rows, f.rows);
  ds_parallel_dynamic(heads * f.blocks, 1, run_blocks, &f);
  return (ds_status)atomic_load(&f.status);
}
