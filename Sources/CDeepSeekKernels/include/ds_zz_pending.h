#ifndef DS_ZZ
#define DS_ZZ
#include "ds_common.h"
typedef enum ds_reduce_op {DS_REDUCE_SUM,DS_REDUCE_PRODUCT,DS_REDUCE_MEAN,DS_REDUCE_MAX,DS_REDUCE_MIN,DS_REDUCE_ANY,DS_REDUCE_ALL,DS_REDUCE_SUM_SQUARES,DS_REDUCE_LOGSUMEXP} ds_reduce_op;
ds_status ds_reduce(ds_reduce_op op, const ds_view *x, uint32_t mask, const ds_view *out);
ds_status ds_softmax(const ds_view *x, int32_t axis, const ds_view *out);
ds_status ds_log_softmax(const ds_view *x, int32_t axis, const ds_view *out);
ds_status ds_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out);
ds_status ds_log_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out);
ds_status ds_cross_entropy(const ds_view *logits, const ds_view *targets, const ds_view *weights, double smoothing, int64_t ignore, const ds_view *losses, const ds_view *lse, const ds_view *row_weights);
ds_status ds_cross_entropy_backward(const ds_view *logits, const ds_view *targets, const ds_view *weights, double smoothing, int64_t ignore, const ds_view *lse, const ds_view *upstream, const ds_view *dlogits);
#endif
