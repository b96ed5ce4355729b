// Batch normalization: channels are shared among the threads, each walked over as a plane over batch and space.
#include "../include/ds_normalization.h"
#include "../include/ds_threads.h"
#include "norm_checks.h"
#include "planes.h"

typedef struct channel_call {
  planes x, dy, out;  // `out`: y or dx
  int64_t channels, elements;  // elements of a channel
  bool training, has_out;
  const ds_view *mean, *rstd, *variance, *weight, *bias, *dweight, *dbias;
} channel_call;

static void statistics_of_channels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const channel_call *call = context;
  for (int64_t channel = begin; channel < end; channel++) {
    double mean = plane_sum(&call->x, 0, channel) / (double)call->elements;
    norm_set_element(call->mean, channel, mean);
    norm_set_element(call->variance, channel, plane_squares(&call->x, 0, channel, mean) / (double)call->elements);
  }
}

static void normalize_channels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const channel_call *call = context;
  for (int64_t channel = begin; channel < end; channel++) {
    double scale = norm_element(call->rstd, channel, 1.0) * norm_element(call->weight, channel, 1.0);
    plane_affine(&call->x, &call->out, 0, channel, norm_element(call->mean, channel, 0.0), scale,
                 norm_element(call->bias, channel, 0.0));
  }
}

// With z = (x - mean) rstd: dx = weight rstd (dy - average(dy) - z average(dy z)); the averages only in training.
static void differentiate_channels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const channel_call *call = context;
  for (int64_t channel = begin; channel < end; channel++) {
    double mean = norm_element(call->mean, channel, 0.0), rstd = norm_element(call->rstd, channel, 1.0);
    double totals[2] = {0.0, 0.0};
    plane_dots(&call->x, &call->dy, 0, channel, mean, totals);
    norm_set_element(call->dweight, channel, totals[1] * rstd);
    norm_set_element(call->dbias, channel, totals[0]);
    if (!call->has_out) continue;
    double a = rstd * norm_element(call->weight, channel, 1.0), b = 0.0, c = 0.0;
    if (call->training) {
      b = -a * rstd * rstd * totals[1] / (double)call->elements;
      c = -a * totals[0] / (double)call->elements;
    }
    plane_gradient(&call->x, &call->dy, &call->out, 0, channel, mean, a, b, c);
  }
}

static ds_status prepare(channel_call *call, const ds_view *x, const ds_view *dy, const ds_view *out) {
  NORM_TRY(norm_check_channels(x));
  NORM_TRY(norm_check_like(dy, x));
  NORM_TRY(norm_check_like(out, x));
  call->channels = x->shape[1];
  int64_t count = ds_element_count(x);
  call->elements = call->channels > 0 ? count / call->channels : 0;
  call->has_out = out != NULL;
  const ds_view *views[3] = {x, dy, out};
  planes together[3] = {0};
  planes_together(views, 3, 0, together);
  call->x = together[0];
  call->dy = together[1];
  call->out = together[2];
  return DS_OK;
}

static void run(channel_call *call, ds_range_body body) {
  ds_parallel_for(call->channels, norm_grain(call->elements), body, call);
}

ds_status ds_batch_statistics(const ds_view *x, const ds_view *mean, const ds_view *variance) {
  channel_call call = {.mean = mean, .variance = variance};
  NORM_TRY(prepare(&call, x, NULL, NULL));
  NORM_TRY(norm_check_statistic(mean, call.channels, x->dtype));
  NORM_TRY(norm_check_statistic(variance, call.channels, x->dtype));
  if (call.channels > 0 && call.elements == 0) return DS_INVALID_SHAPE;
  run(&call, statistics_of_channels);
  return DS_OK;
}

ds_status ds_batch_norm(const ds_view *x, const ds_view *mean, const ds_view *rstd, const ds_view *weight,
                        const ds_view *bias, const ds_view *y) {
  channel_call call = {.mean = mean, .rstd = rstd, .weight = weight, .bias = bias};
  NORM_TRY(prepare(&call, x, NULL, y));
  NORM_TRY(norm_check_statistic(mean, call.channels, x->dtype));
  NORM_TRY(norm_check_statistic(rstd, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(weight, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(bias, call.channels, x->dtype));
  run(&call, normalize_channels);
  return DS_OK;
}

ds_status ds_batch_norm_backward(bool training, const ds_view *x, const ds_view *mean, const ds_view *rstd,
                                 const ds_view *weight, const ds_view *dy, const ds_view *dx, const ds_view *dweight,
                                 const ds_view *dbias) {
  channel_call call = {.training = training, .mean = mean, .rstd = rstd, .weight = weight, .dweight = dweight,
                       .dbias = dbias};
  NORM_TRY(prepare(&call, x, dy, dx));
  NORM_TRY(norm_check_statistic(mean, call.channels, x->dtype));
  NORM_TRY(norm_check_statistic(rstd, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(weight, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(dweight, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(dbias, call.channels, x->dtype));
  run(&call, differentiate_channels);
  return DS_OK;
}
