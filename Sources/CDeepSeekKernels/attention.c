// What the forward and the backward pass of attention have in common: checking shapes, naming the queries of a panel,
// masking scores.
#include "ds_attention.h"

#include <math.h>
#include <string.h>

#include "attention_internal.h"
#include "ds_isa.h"

enum { LARGEST_WIDTH = 4096 };

static const attention_kernels *current_kernels(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_VNNI:
    case DS_ISA_AVX512_BF16:
    case DS_ISA_AMX:
      return &attention_kernels_avx512;
    case DS_ISA_AVX2:
    case DS_ISA_AVX2_VNNI:
      return &attention_kernels_avx2;
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return &attention_kernels_neon;
#endif
    default:
      return &attention_kernels_portable;
  }
}

ds_status attention_check_view(const ds_view *view, int64_t batch, int64_t heads, int64_t rows, int64_t width) {
  if (view->dtype != DS_FLOAT32) return DS_UNSUPPORTED_DTYPE;
  const int64_t expected[4] = {batch, heads, rows, width};
  if (view->rank != 4 || memcmp(view->shape, expected, sizeof expected) != 0) return DS_INVALID_SHAPE;
  // Strides lead nowhere where there is no element.
  bool is_empty = batch == 0 || heads == 0 || rows == 0;
  return view->strides[3] == 1 || width <= 1 || is_empty ? DS_OK : DS_INVALID_SHAPE;
}

static ds_status check_mask(const attention *a, const ds_view *mask) {
  if (mask->dtype != DS_BOOL && mask->dtype != DS_FLOAT32) return DS_UNSUPPORTED_DTYPE;
  const int64_t expected[4] = {a->batch, a->heads, a->queries, a->keys};
  return mask->rank == 4 && memcmp(mask->shape, expected, sizeof expected) == 0 ? DS_OK : DS_INVALID_SHAPE;
}

static ds_status check_offsets(const attention *a, const ds_attention_options *options) {
  if (a->batch != 1 || a->queries != a->keys || options->sequences < 0 || options->mask != NULL) return DS_INVALID_SHAPE;
  if (options->offsets[0] != 0 || options->offsets[options->sequences] != a->queries) return DS_INDEX_OUT_OF_RANGE;
  for (int64_t s = 0; s < options->sequences; s++) {
    if (options->offsets[s + 1] < options->offsets[s]) return DS_INDEX_OUT_OF_RANGE;
  }
  return DS_OK;
}

void attention_narrow(attention *a, int64_t sequence) {
  const int32_t *offsets = a->options->offsets;
  a->first = offsets[sequence];
  a->queries = a->keys = offsets[sequence + 1] - offsets[sequence];
}

ds_status attention_prepare(attention *a, const ds_view *q, const ds_view *k, const ds_view *v,
                            const ds_attention_options *options) {
  if (q->rank != 4 || k->rank != 4 || v->rank != 4) return DS_INVALID_SHAPE;
  *a = (attention){.kernels = current_kernels(), .gemm = gemm_current_kernels(), .options = options, .q = q, .k = k,
                   .v = v, .batch = q->shape[0], .heads = q->shape[1], .key_heads = k->shape[1],
                   .queries = q->shape[2], .keys = k->shape[2], .width = q->shape[3], .value_width = v->shape[3]};
  if (a->batch < 0 || a->heads < 0 || a->queries < 0 || a->keys < 0 || a->keys > INT32_MAX ||
      a->queries > INT32_MAX) return DS_INVALID_SHAPE;
  if (a->width < 0 || a->width > LARGEST_WIDTH || a->value_width < 0 || a->value_width > LARGEST_WIDTH) {
    return DS_INVALID_SHAPE;
  }
  if (a->key_heads < 1 ? a->heads != 0 : a->heads % a->key_heads != 0) return DS_INVALID_SHAPE;
  a->group = a->key_heads < 1 ? 0 : a->heads / a->key_heads;
  ds_status status = attention_check_view(q, a->batch, a->heads, a->queries, a->width);
  if (status == DS_OK) status = attention_check_view(k, a->batch, a->key_heads, a->keys, a->width);
  if (status == DS_OK) status = attention_check_view(v, a->batch, a->key_heads, a->keys, a->value_width);
  if (status == DS_OK && options->mask != NULL) status = check_mask(a, options->mask);
  if (status != DS_OK) return status;
  if (!(options->dropout >= 0 && options->dropout < 1)) return DS_INVALID_SHAPE;
  a->all_queries = a->queries;
  a->all_keys = a->keys;
  if (options->offsets != NULL) {
    status = check_offsets(a, options);
    if (status != DS_OK) return status;
  }
  a->threshold = ds_dropout_threshold(options->dropout);
  a->kept = (float)(1 / (1 - options->dropout));
  return DS_OK;
}

void attention_panel_begin(const attention *a, int64_t batch, int64_t key_head, int64_t row, attention_panel *panel) {
  panel->count = least(ATTENTION_QUERIES, a->group * a->queries - row);
  panel->least_visible = INT32_MAX;
  panel->most_visible = 0;
  for (int64_t lane = 0; lane < ATTENTION_QUERIES; lane++) {
    int64_t at = row + least(lane, panel->count - 1);
    int64_t head = key_head * a->group + at / a->queries, query = at % a->queries;
    int64_t visible = a->options->causal ? query + 1 + a->keys - a->queries : a->keys;
    panel->head[lane] = head;
    panel->query[lane] = query;
    panel->visible[lane] = visible < 0 ? 0 : (int32_t)visible;
    if (panel->visible[lane] < panel->least_visible) panel->least_visible = panel->visible[lane];
    if (panel->visible[lane] > panel->most_visible) panel->most_visible = panel->visible[lane];
    panel->element[lane] = (uint64_t)attention_sum_place(a, batch, head, query) * (uint64_t)a->all_keys +
                           (uint64_t)a->first;
  }
}

void attention_gather(const attention_panel *panel, const ds_view *view, int64_t batch, int64_t width, float *rows) {
  if (width == 0) return;
  enum { AHEAD = 8, CACHE_LINE_FLOATS = 16 };
  for (int64_t i = 0; i < panel->count; i++) {
    if (i + AHEAD < panel->count) {
      const float *later = attention_row(view, batch, panel->head[i + AHEAD], panel->query[i + AHEAD]);
      for (int64_t d = 0; d < width; d += CACHE_LINE_FLOATS) __builtin_prefetch(later + d);
    }
    memcpy(rows + i * width, attention_row(view, batch, panel->head[i], panel->query[i]),
           (size_t)width * sizeof(float));
  }
}

// What the mask at `offset` adds to a score in base 2.
static float mask_term(const ds_view *mask, int64_t offset) {
  if (mask->dtype == DS_BOOL) return ((const uint8_t *)mask->data)[offset] != 0 ? 0.0f : -INFINITY;
  return ((const float *)mask->data)[offset] * ATTENTION_LOG2_E;
}

float attention_mask_term(const attention *a, int64_t batch, int64_t head, int64_t query, int64_t key) {
  const ds_view *mask = a->options->mask;
  if (mask == NULL) return 0.0f;
  return mask_term(mask, batch * mask->strides[0] + head * mask->strides[1] + query * mask->strides[2] +
                             key * mask->strides[3]);
}

void attention_mask(const attention *a, int64_t batch, const attention_panel *panel, float *s, int64_t first,
                    int64_t keys) {
  if (first + keys > panel->least_visible) a->kernels->hide(s, keys, first, panel->visible);
  const ds_view *mask = a->options->mask;
  if (mask == NULL) return;
  int64_t offset[ATTENTION_QUERIES];
  bool same = true;
  for (int lane = 0; lane < ATTENTION_QUERIES; lane++) {
    offset[lane] = batch * mask->strides[0] + panel->head[lane] * mask->strides[1] +
                   panel->query[lane] * mask->strides[2] + first * mask->strides[3];
    same &= offset[lane] == offset[0];
  }
  for (int64_t j = 0; j < keys; j++) {
    float *row = s + j * ATTENTION_QUERIES;
    int64_t along = j * mask->strides[3];
    if (same) {  // a padding mask: one term for all queries, and mostly zero
      float term = mask_term(mask, offset[0] + along);
      if (term == 0.0f) continue;
      for (int lane = 0; lane < ATTENTION_QUERIES; lane++) row[lane] += term;
    } else {
      for (int lane = 0; lane < ATTENTION_QUERIES; lane++) row[lane] += mask_term(mask, offset[lane] + along);
    }
  }
}
