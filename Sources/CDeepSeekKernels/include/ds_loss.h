// Cross-entropy of logits against class indices, fused: no tensor of probabilities is kept.
#ifndef DS_LOSS_H
#define DS_LOSS_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// For each row of logits [..., classes], a float type, with target t in 0 ..< classes:
//
//   loss = (1 - smoothing) w[t] (lse - x[t]) + smoothing / classes * sum over c of w[c] (lse - x[c])
//
// with lse = log of the sum of e^x[c], and w the class weights [classes], all one when NULL (label smoothing: Szegedy et
// al., "Rethinking the Inception architecture", 2016). A row whose target is `ignore_index` has loss and weight zero.
// `losses`, `lse` and `row_weights` ([...], any may be NULL but lse when there will be a backward pass) are float32, or
// float64 for float64 logits. row_weights[r] is w[t]: PyTorch's mean is the losses' sum over the row weights' sum.
//
// `targets` [...]: int64 or int32. One that is neither a class nor ignore_index gives DS_INDEX_OUT_OF_RANGE, before
// anything is written. Logits are read once from memory. A NaN or +infinity among a row's logits makes its loss NaN.
ds_status ds_cross_entropy(const ds_view *logits, const ds_view *targets, const ds_view *class_weights,
                           double smoothing, int64_t ignore_index, const ds_view *losses, const ds_view *lse,
                           const ds_view *row_weights);

// dlogits (logits' shape and type; may be logits itself) from the gradients `upstream` [...] of the losses, of the type
// of `lse`, which the forward pass gave. Rows that are ignored get zeros.
ds_status ds_cross_entropy_backward(const ds_view *logits, const ds_view *targets, const ds_view *class_weights,
                                    double smoothing, int64_t ignore_index, const ds_view *lse,
                                    const ds_view *upstream, const ds_view *dlogits);

#ifdef __cplusplus
}
#endif
#endif
