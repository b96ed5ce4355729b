// Scaled dot-product attention in float32 without a [queries, keys] tensor: scores live in tiles of a few dozen KiB,
// after Dao, Fu, Ermon, Rudra and Ré, "FlashAttention", NeurIPS 2022, and Dao, "FlashAttention-2", 2023, with the
// online softmax of Milakov and Gimelshein, 2018.
//
//   out = dropout(softmax(scale * q k^T + mask)) v
//
// Shapes: q [batch, heads, queries, width], k [batch, key heads, keys, width], v [batch, key heads, keys, value width],
// out [batch, heads, queries, value width]. `heads` is a multiple of `key heads`; consecutive heads share a key head
// (grouped-query attention, Ainslie et al., 2023). Views are float32 of rank 4 with any strides but the last, which
// must be 1, so the output may lie in memory as [batch, queries, heads, value width].
//
// A query that may attend to no key gives zeros, a log-sum-exp of minus infinity, and zero gradients.
// Results don't depend on the number of threads; scratch memory is about 1 MiB a thread at width 64.
#ifndef DS_ATTENTION_H
#define DS_ATTENTION_H

#include "ds_common.h"
#include "ds_philox.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ds_attention_options {
  float scale;        // usually 1 / sqrt(width)
  bool causal;        // query i attends to keys 0 ... i + keys - queries: the last query sees the last key
  const ds_view *mask;  // [batch, heads, queries, keys], zero strides where it repeats; DS_BOOL (true: may attend) or
                        // DS_FLOAT32 (added to the scores; a constant to the gradient); NULL: none
  double dropout;       // the probability that a weight is dropped, in [0, 1); the others are scaled by 1 / (1 - p)
  ds_random_key key;    // element ((b * heads + h) * queries + i) * keys + j of its stream decides about a weight
  // Sequences of any lengths one behind another, without padding, in a batch of 1: rows offsets[s] ..< offsets[s + 1]
  // of q, k and v are sequence s, which attends to itself alone. Numbers of dropout's stream and places in `logsumexp`
  // are those of the whole, as if a mask hid the other sequences' keys; there may be no mask beside.
  const int32_t *offsets;  // [sequences + 1], from 0 to the number of rows, never falling; NULL: nothing is packed
  int64_t sequences;
} ds_attention_options;

// Writes `out` and, where it isn't NULL, `logsumexp` [batch, heads, queries], contiguous, which the gradient needs:
// the logarithm of each query's sum of exponentials of scaled and masked scores.
// DS_INVALID_SHAPE for shapes that don't fit, widths over 4096 or a dropout outside [0, 1); DS_UNSUPPORTED_DTYPE;
// DS_INDEX_OUT_OF_RANGE for offsets that fall, or don't begin at 0 and end at the number of rows.
ds_status ds_attention_forward(const ds_view *q, const ds_view *k, const ds_view *v,
                               const ds_attention_options *options, const ds_view *out, float *logsumexp);

// The gradients by q, k and v, written to dq, dk and dv, from the gradient by the output and what the forward pass
// left; the probabilities are computed anew. Five products where the forward pass takes two.
ds_status ds_attention_backward(const ds_view *q, const ds_view *k, const ds_view *v,
                                const ds_attention_options *options, const ds_view *out, const float *logsumexp,
                                const ds_view *dout, const ds_view *dq, const ds_view *dk, const ds_view *dv);

#ifdef __cplusplus
}
#endif
#endif
