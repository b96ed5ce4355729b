// What the parts of attention share. Scores are kept transposed, as panels [keys, GEMM_PANEL queries]: then softmax is
// elementwise across a vector of queries, without a horizontal sum, and a panel of probabilities is at once the packed
// right-hand side of the next product.
#ifndef ATTENTION_INTERNAL_H
#define ATTENTION_INTERNAL_H

#include "ds_attention.h"
#include "gemm_internal.h"

enum {
  ATTENTION_QUERIES = GEMM_PANEL,  // queries of a panel
  ATTENTION_KEYS = 128             // keys of a block: a panel of scores is 16 KiB and stays in the first-level cache
};

// A panel's queries: rows of the pair (head of the group, query), which share keys and values.
typedef struct attention_panel {
  int64_t count;                                // of queries; the lanes beyond repeat the last one
  int64_t head[ATTENTION_QUERIES];              // of q
  int64_t query[ATTENTION_QUERIES];
  int32_t visible[ATTENTION_QUERIES];           // keys that a causal query sees: 0 ..< visible
  int32_t least_visible, most_visible;          // among them
  uint64_t element[ATTENTION_QUERIES];          // of the random stream, for key 0
} attention_panel;

typedef struct attention_kernels {
  // s [keys, queries] = -infinity where key first + row is not below `visible`.
  void (*hide)(float *s, int64_t keys, int64_t first, const int32_t *visible);

  // One step of the online softmax in base 2: raises `max`, turns scores into weights 2^(s - max), and rescales `sum`,
  // to which the weights are added, and `out` [width, queries].
  void (*softmax)(float *s, int64_t keys, float *max, float *sum, float *out, int64_t width);

  // keep [keys, queries] = `kept` where the weight survives dropout, else 0.
  void (*dropout)(float *keep, int64_t keys, int64_t first, const uint64_t *element, ds_random_key key,
                  uint32_t threshold, float kept);

  void (*multiply)(float *a, const float *b, int64_t count);  // a *= b

  // s = 2^(s - logsumexp), logsumexp [queries] in base 2.
  void (*weights)(float *s, int64_t keys, const float *logsumexp);

  // From weights p and their gradients dp: dp = p * (dp * keep - delta) * scale, p = p * keep. `keep` may be NULL.
  void (*scores_gradient)(float *p, float *dp, const float *keep, const float *delta, float scale, int64_t keys);

  // rows[i][j] = x [width, queries] [j][i] * factor[i], for the first `count` queries.
  void (*write_rows)(const float *x, int64_t width, const float *factor, float *const *rows, int64_t count);

  // s[j] = q · k_j, j in 0 ..< keys, for keys `stride` apart.
  void (*dot_rows)(float *s, const float *q, const float *k, int64_t stride, int64_t keys, int64_t width);

  // out [width] += sum of p[j] * v_j.
  void (*add_rows)(float *out, const float *p, const float *v, int64_t stride, int64_t keys, int64_t width);
} attention_kernels;

extern const attention_kernels attention_kernels_portable;
#if defined(__x86_64__)
extern const attention_kernels attention_kernels_avx2, attention_kernels_avx512;
#elif defined(__aarch64__)
extern const attention_kernels attention_kernels_neon;
#endif

// One call, with its shapes checked.
typedef struct attention {
  const attention_kernels *kernels;
  const gemm_kernels *gemm;
  const ds_attention_options *options;
  const ds_view *q, *k, *v;
  int64_t batch, heads, key_heads, group, queries, keys, width, value_width;
  // Where the sequence at hand begins among all packed ones, and how many rows those have; 0, `queries` and `keys`
  // where nothing is packed.
  int64_t first, all_queries, all_keys;
  uint32_t threshold;  // of dropout
  float kept;          // 1 / (1 - p)
} attention;

// Checks the shapes and dtypes of the call and fills in `a`.
ds_status attention_prepare(attention *a, const ds_view *q, const ds_view *k, const ds_view *v,
                            const ds_attention_options *options);

// Makes of a call on packed sequences the call on one of them. Its views are shifted by attention_shift.
void attention_narrow(attention *a, int64_t sequence);

// The view of a packed sequence's rows alone.
static inline ds_view attention_shift(const ds_view *view, const attention *a, int64_t rows) {
  ds_view shifted = *view;
  shifted.data = (float *)view->data + a->first * view->strides[2];
  shifted.shape[2] = rows;
  return shifted;
}

// The place of a query's logarithm in `logsumexp`.
static inline int64_t attention_sum_place(const attention *a, int64_t batch, int64_t head, int64_t query) {
  return (batch * a->heads + head) * a->all_queries + a->first + query;
}

// Whether `view` is float32 [batch, heads, rows, width] with contiguous rows.
ds_status attention_check_view(const ds_view *view, int64_t batch, int64_t heads, int64_t rows, int64_t width);

// The row [width] of a view of rank 4.
static inline float *attention_row(const ds_view *view, int64_t batch, int64_t head, int64_t row) {
  return (float *)view->data + batch * view->strides[0] + head * view->strides[1] + row * view->strides[2];
}

// The panel whose first query is row `row` of the key head's group.
void attention_panel_begin(const attention *a, int64_t batch, int64_t key_head, int64_t row, attention_panel *panel);

// Applies mask and causality to a panel of scores in base 2, for keys first ..< first + keys.
void attention_mask(const attention *a, int64_t batch, const attention_panel *panel, float *s, int64_t first,
                    int64_t keys);

// What the mask adds to one score in base 2; 0 without a mask. Causality is not in it.
float attention_mask_term(const attention *a, int64_t batch, int64_t head, int64_t query, int64_t key);

// Copies the rows of `view` that a panel's queries stand for to `rows` [count, width].
void attention_gather(const attention_panel *panel, const ds_view *view, int64_t batch, int64_t width, float *rows);

// The factor that turns a difference of exponents from base e to base 2, and back.
#define ATTENTION_LOG2_E 1.44269504088896340736f
#define ATTENTION_LN_2 0.69314718055994530942f

// A thread's scratch memory, given out piece by piece. To learn the size, a first pass runs with `base` NULL.
typedef struct attention_memory {
  char *base;
  size_t used;
} attention_memory;

static inline void *attention_take(attention_memory *memory, size_t bytes) {
  void *at = memory->base == NULL ? NULL : memory->base + memory->used;
  memory->used += (bytes + 63) / 64 * 64;
  return at;
}

static inline float *attention_floats(attention_memory *memory, int64_t count) {
  return attention_take(memory, (size_t)count * sizeof(float));
}

#endif
