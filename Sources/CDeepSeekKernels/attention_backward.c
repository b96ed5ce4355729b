// Attention's backward pass. Blocks of queries go past blocks of keys; the weights are computed anew from the scores
// and the forward pass's logarithms. With s = scale q k^T, p = softmax(s), g the gradient by the output:
//   dv = (p keep)^T g,   dp = (g v^T) keep,   ds = p (dp - delta),   delta = sum over the row of g out
//   dq = scale ds k,     dk = scale ds^T q
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "attention_internal.h"
#include "ds_scratch.h"
#include "ds_threads.h"

enum { ROWS = 128, PANELS = ROWS / ATTENTION_QUERIES };

typedef struct backward {
  attention a;
  const ds_view *out, *dout, *dq, *dk, *dv;
  const float *logsumexp;
  // What a piece of work writes: the gradients of its keys, of its queries, or both.
  bool writes_keys, writes_queries;
  int64_t key_blocks, query_blocks;  // by which a key head's work is cut; 1: not at all
  atomic_int status;
} backward;

typedef struct workspace {
  attention_panel *panels;
  float *q, *g;                      // rows [ROWS, width]
  float *q_columns, *g_columns;      // panels [width, queries]
  float *q_rows, *g_rows;            // packed panels [ROWS, 32 of the width]
  float *logsumexp, *delta;          // [ROWS]; base 2, and of a query without keys infinity, so that weights are 0
  float *k_strips, *v_strips;        // [keys, width] as left-hand sides
  float *k_transposed;               // [width, keys] as a left-hand side
  float *p, *ds, *keep;              // panels [keys, queries]
  float *p_strips, *ds_strips;       // [keys, ROWS] as left-hand sides
  float *dq;                         // panels [width, queries]
} workspace;

static workspace lay_out(const backward *b, attention_memory *memory) {
  const attention *a = &b->a;
  int64_t widths = ceiling(a->width, GEMM_PANEL) * GEMM_PANEL;
  int64_t value_widths = ceiling(a->value_width, GEMM_PANEL) * GEMM_PANEL;
  workspace w;
  w.panels = attention_take(memory, PANELS * sizeof(attention_panel));
  w.q = attention_floats(memory, ROWS * a->width);
  w.g = attention_floats(memory, ROWS * a->value_width);
  w.q_columns = attention_floats(memory, ROWS * a->width);
  w.g_columns = attention_floats(memory, ROWS * a->value_width);
  w.q_rows = attention_floats(memory, ROWS * widths);
  w.g_rows = attention_floats(memory, ROWS * value_widths);
  w.logsumexp = attention_floats(memory, ROWS);
  w.delta = attention_floats(memory, ROWS);
  w.k_strips = attention_floats(memory, ATTENTION_KEYS * a->width + GEMM_STRIP_PADDING);
  w.v_strips = attention_floats(memory, ATTENTION_KEYS * a->value_width + GEMM_STRIP_PADDING);
  w.k_transposed = attention_floats(memory, ATTENTION_KEYS * a->width + GEMM_STRIP_PADDING);
  w.p = attention_floats(memory, ATTENTION_KEYS * ROWS);
  w.ds = attention_floats(memory, ATTENTION_KEYS * ROWS);
  w.keep = attention_floats(memory, ATTENTION_KEYS * ATTENTION_QUERIES);
  w.p_strips = attention_floats(memory, ATTENTION_KEYS * ROWS + GEMM_STRIP_PADDING);
  w.ds_strips = attention_floats(memory, ATTENTION_KEYS * ROWS + GEMM_STRIP_PADDING);
  w.dq = attention_floats(memory, ROWS * a->width);
  return w;
}

// Reads a block of queries: rows `row` ..< `row + rows` of the key head's group.
static void begin_queries(const backward *b, int64_t batch, int64_t key_head, int64_t row, int64_t rows,
                          const workspace *w) {
  const attention *a = &b->a;
  for (int64_t p = 0; p * ATTENTION_QUERIES < rows; p++) {
    attention_panel *panel = &w->panels[p];
    int64_t at = p * ATTENTION_QUERIES;
    attention_panel_begin(a, batch, key_head, row + at, panel);
    panel->count = least(panel->count, rows - at);
    float *q = w->q + at * a->width, *g = w->g + at * a->value_width;
    attention_gather(panel, a->q, batch, a->width, q);
    attention_gather(panel, b->dout, batch, a->value_width, g);
    a->gemm->pack_b(true, a->width, panel->count, q, a->width, w->q_columns + at * a->width, 0);
    a->gemm->pack_b(true, a->value_width, panel->count, g, a->value_width, w->g_columns + at * a->value_width, 0);
    for (int64_t i = 0; i < ATTENTION_QUERIES; i++) {
      float logsumexp = -INFINITY, delta = 0.0f;
      if (i < panel->count) {
        int64_t head = panel->head[i], query = panel->query[i];
        logsumexp = b->logsumexp[attention_sum_place(a, batch, head, query)];
        a->kernels->dot_rows(&delta, g + i * a->value_width, attention_row(b->out, batch, head, query), 0, 1,
                             a->value_width);
      }
      w->logsumexp[at + i] = logsumexp == -INFINITY ? INFINITY : logsumexp * ATTENTION_LOG2_E;
      w->delta[at + i] = delta;
    }
  }
  a->gemm->pack_b(false, rows, a->width, w->q, a->width, w->q_rows, rows * GEMM_PANEL);
  a->gemm->pack_b(false, rows, a->value_width, w->g, a->value_width, w->g_rows, rows * GEMM_PANEL);
  for (int64_t i = 0; i < ROWS * a->width; i++) w->dq[i] = 0.0f;
}

// Reads a block of keys and their values.
static void begin_keys(const backward *b, int64_t batch, int64_t key_head, int64_t first, int64_t keys,
                       const workspace *w) {
  const attention *a = &b->a;
  const float *k = attention_row(a->k, batch, key_head, first), *v = attention_row(a->v, batch, key_head, first);
  int64_t k_stride = a->k->strides[2], v_stride = a->v->strides[2];
  a->gemm->pack_a(false, keys, a->width, a->options->scale * ATTENTION_LOG2_E, k, k_stride, keys,
                   w->k_strips);
  a->gemm->pack_a(false, keys, a->value_width, 1.0f, v, v_stride, keys, w->v_strips);
  if (b->writes_queries) {
    a->gemm->pack_a(true, a->width, keys, 1.0f, k, k_stride, a->width, w->k_transposed);
  }
}

// Weights and the gradient of the scores for one panel of queries.
static void run_panel(const backward *b, int64_t batch, int64_t p, int64_t first, int64_t keys, const workspace *w) {
  const attention *a = &b->a;
  const attention_panel *panel = &w->panels[p];
  int64_t at = p * ATTENTION_QUERIES;
  float *weights = w->p + at * ATTENTION_KEYS, *ds = w->ds + at * ATTENTION_KEYS, *keep = NULL;
  gemm_panel(a->gemm, keys, ATTENTION_QUERIES, a->width, w->k_strips, w->q_columns + at * a->width, weights,
             ATTENTION_QUERIES, false, NULL, NULL);
  attention_mask(a, batch, panel, weights, first, keys);
  a->kernels->weights(weights, keys, w->logsumexp + at);
  gemm_panel(a->gemm, keys, ATTENTION_QUERIES, a->value_width, w->v_strips, w->g_columns + at * a->value_width, ds,
             ATTENTION_QUERIES, false, NULL, NULL);
  if (a->options->dropout > 0) {
    keep = w->keep;
    a->kernels->dropout(keep, keys, first, panel->element, a->options->key, a->threshold, a->kept);
  }
  a->kernels->scores_gradient(weights, ds, keep, w->delta + at, a->options->scale, keys);
}

// Transposes panels [keys, queries] into strips of keys, [rows of depth, keys of the strip].
static void pack_panels(const backward *b, const float *panels, int64_t keys, int64_t rows, float *packed) {
  const gemm_kernels *gemm = b->a.gemm;
  int64_t strips = ceiling(keys, gemm->rows);
  for (int64_t strip = 0; strip < strips; strip++) {
    int64_t begin = border(keys, strips, strip), height = border(keys, strips, strip + 1) - begin;
    for (int64_t at = 0; at < rows; at += ATTENTION_QUERIES) {
      gemm->pack_a(false, height, least(ATTENTION_QUERIES, rows - at), 1.0f,
                   panels + at * ATTENTION_KEYS + begin * ATTENTION_QUERIES, ATTENTION_QUERIES, height,
                   packed + begin * rows + at * height);
    }
  }
}

// gradient [keys, width] += strips [keys, rows] * packed [rows, width].
static void add_product(const attention *a, int64_t keys, int64_t rows, int64_t width, const float *strips,
                        const float *packed, float *gradient, int64_t stride) {
  for (int64_t d = 0; d < width; d += GEMM_PANEL) {
    gemm_panel(a->gemm, keys, least(GEMM_PANEL, width - d), rows, strips, packed + d * rows, gradient + d, stride, true,
               NULL, NULL);
  }
}

static void run_key_block(const backward *b, int64_t batch, int64_t key_head, int64_t rows, int64_t first,
                          int64_t keys, const workspace *w) {
  const attention *a = &b->a;
  begin_keys(b, batch, key_head, first, keys, w);
  for (int64_t p = 0; p * ATTENTION_QUERIES < rows; p++) {
    int64_t at = p * ATTENTION_QUERIES;
    if (w->panels[p].most_visible <= first) {  // nothing here is seen: the sums below take zeros
      size_t bytes = (size_t)(keys * ATTENTION_QUERIES) * sizeof(float);
      memset(w->p + at * ATTENTION_KEYS, 0, bytes);
      memset(w->ds + at * ATTENTION_KEYS, 0, bytes);
      continue;
    }
    run_panel(b, batch, p, first, keys, w);
    if (b->writes_queries) {
      gemm_panel(a->gemm, a->width, ATTENTION_QUERIES, keys, w->k_transposed, w->ds + at * ATTENTION_KEYS,
                 w->dq + at * a->width, ATTENTION_QUERIES, true, NULL, NULL);
    }
  }
  if (!b->writes_keys) return;
  pack_panels(b, w->p, keys, rows, w->p_strips);
  pack_panels(b, w->ds, keys, rows, w->ds_strips);
  add_product(a, keys, rows, a->value_width, w->p_strips, w->g_rows, attention_row(b->dv, batch, key_head, first),
              b->dv->strides[2]);
  add_product(a, keys, rows, a->width, w->ds_strips, w->q_rows, attention_row(b->dk, batch, key_head, first),
              b->dk->strides[2]);
}

static void write_queries(const backward *b, int64_t batch, int64_t rows, const workspace *w) {
  float one[ATTENTION_QUERIES];
  float *to[ATTENTION_QUERIES];
  for (int i = 0; i < ATTENTION_QUERIES; i++) one[i] = 1.0f;
  for (int64_t p = 0; p * ATTENTION_QUERIES < rows; p++) {
    const attention_panel *panel = &w->panels[p];
    for (int64_t i = 0; i < panel->count; i++) to[i] = attention_row(b->dq, batch, panel->head[i], panel->query[i]);
    b->a.kernels->write_rows(w->dq + p * ATTENTION_QUERIES * b->a.width, b->a.width, one, to, panel->count);
  }
}

static void clear_rows(const ds_view *view, int64_t batch, int64_t head, int64_t begin, int64_t end, int64_t width) {
  for (int64_t i = begin; i < end && width > 0; i++) {
    memset(attention_row(view, batch, head, i), 0, (size_t)width * sizeof(float));
  }
}

// Queries row ..< row_end of a key head's group against keys key ..< key_end; borders at multiples of the blocks.
static void run_piece(const backward *b, int64_t batch, int64_t key_head, int64_t row, int64_t row_end, int64_t key,
                      int64_t key_end, const workspace *w) {
  const attention *a = &b->a;
  if (b->writes_keys) {
    clear_rows(b->dk, batch, key_head, key, key_end, a->width);
    clear_rows(b->dv, batch, key_head, key, key_end, a->value_width);
  }
  for (; row < row_end; row += ROWS) {
    int64_t rows = least(ROWS, row_end - row), most_visible = 0;
    begin_queries(b, batch, key_head, row, rows, w);
    for (int64_t p = 0; p * ATTENTION_QUERIES < rows; p++) {
      if (w->panels[p].most_visible > most_visible) most_visible = w->panels[p].most_visible;
    }
    int64_t end = least(key_end, most_visible);
    for (int64_t first = key; first < end; first += ATTENTION_KEYS) {
      run_key_block(b, batch, key_head, rows, first, least(ATTENTION_KEYS, end - first), w);
    }
    if (b->writes_queries) write_queries(b, batch, rows, w);
  }
}

// This thread's memory; false where there is none.
static bool take_workspace(backward *b, workspace *w) {
  attention_memory memory = {0};
  lay_out(b, &memory);
  memory.base = ds_scratch(DS_SCRATCH_ATTENTION, memory.used);
  if (memory.base == NULL) {
    atomic_store(&b->status, DS_OUT_OF_MEMORY);
    return false;
  }
  memory.used = 0;
  *w = lay_out(b, &memory);
  return true;
}

static void run_pieces(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  backward *b = context;
  const attention *a = &b->a;
  workspace w;
  if (!take_workspace(b, &w)) return;
  int64_t rows = a->group * a->queries, cuts = b->key_blocks * b->query_blocks;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t cut = piece % cuts, key_head = piece / cuts % a->key_heads, batch = piece / cuts / a->key_heads;
    // As in the forward pass: causal blocks differ in cost from first to last.
    cut = cut % 2 == 0 ? cut / 2 : cuts - 1 - cut / 2;
    int64_t row = 0, row_end = rows, key = 0, key_end = a->keys;
    if (b->query_blocks > 1) row = cut * ROWS, row_end = least(rows, row + ROWS);
    if (b->key_blocks > 1) key = cut * ATTENTION_KEYS, key_end = least(a->keys, key + ATTENTION_KEYS);
    run_piece(b, batch, key_head, row, row_end, key, key_end, &w);
  }
}

// Packed sequences: a piece of work is one of them and a key head.
static void run_sequences(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  backward *b = context;
  workspace w;
  if (!take_workspace(b, &w)) return;
  for (int64_t piece = begin; piece < end; piece++) {
    backward part = {.a = b->a, .logsumexp = b->logsumexp, .writes_keys = true, .writes_queries = true,
                     .key_blocks = 1, .query_blocks = 1};
    attention *a = &part.a;
    attention_narrow(a, piece / a->key_heads);
    ds_view q = attention_shift(a->q, a, a->queries), k = attention_shift(a->k, a, a->keys);
    ds_view v = attention_shift(a->v, a, a->keys), out = attention_shift(b->out, a, a->queries);
    ds_view dout = attention_shift(b->dout, a, a->queries), dq = attention_shift(b->dq, a, a->queries);
    ds_view dk = attention_shift(b->dk, a, a->keys), dv = attention_shift(b->dv, a, a->keys);
    a->q = &q, a->k = &k, a->v = &v;
    part.out = &out, part.dout = &dout, part.dq = &dq, part.dk = &dk, part.dv = &dv;
    run_piece(&part, 0, piece % a->key_heads, 0, a->group * a->queries, 0, a->keys, &w);
  }
}

ds_status ds_attention_backward(const ds_view *q, const ds_view *k, const ds_view *v,
                                const ds_attention_options *options, const ds_view *out, const float *logsumexp,
                                const ds_view *dout, const ds_view *dq, const ds_view *dk, const ds_view *dv) {
  backward b = {.out = out, .dout = dout, .dq = dq, .dk = dk, .dv = dv, .logsumexp = logsumexp,
                .writes_keys = true, .writes_queries = true, .key_blocks = 1, .query_blocks = 1};
  const attention *a = &b.a;
  ds_status status = attention_prepare(&b.a, q, k, v, options);
  if (status == DS_OK) status = attention_check_view(out, a->batch, a->heads, a->queries, a->value_width);
  if (status == DS_OK) status = attention_check_view(dout, a->batch, a->heads, a->queries, a->value_width);
  if (status == DS_OK) status = attention_check_view(dq, a->batch, a->heads, a->queries, a->width);
  if (status == DS_OK) status = attention_check_view(dk, a->batch, a->key_heads, a->keys, a->width);
  if (status == DS_OK) status = attention_check_view(dv, a->batch, a->key_heads, a->keys, a->value_width);
  if (status != DS_OK) return status;

  if (options->offsets != NULL) {
    ds_parallel_dynamic(options->sequences * a->key_heads, 1, run_sequences, &b);
    return (ds_status)atomic_load(&b.status);
  }
  int64_t heads = a->batch * a->key_heads, threads = ds_thread_count();
  int64_t query_blocks = ceiling(a->group * a->queries, ROWS), key_blocks = ceiling(a->keys, ATTENTION_KEYS);
  if (heads % threads == 0 || heads >= 4 * threads || (query_blocks <= 1 && key_blocks <= 1)) {
    ds_parallel_dynamic(heads, 1, run_pieces, &b);
  } else {
    // Too few heads to go round. Queries' gradients sum over keys and keys' over queries, so each kind is cut along its
    // own side, at the price of computing the weights twice. The order of every sum stays the same.
    b.writes_queries = false;
    b.key_blocks = key_blocks < 1 ? 1 : key_blocks;
    ds_parallel_dynamic(heads * b.key_blocks, 1, run_pieces, &b);
    b.writes_queries = true;
    b.writes_keys = false;
    b.key_blocks = 1;
    b.query_blocks = query_blocks < 1 ? 1 : query_blocks;
    ds_parallel_dynamic(heads * b.query_blocks, 1, run_pieces, &b);
  }
  return (ds_status)atomic_load(&b.status);
}
