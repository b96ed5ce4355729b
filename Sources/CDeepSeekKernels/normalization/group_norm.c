// Group normalization: the groups of all samples are shared among the threads, each walked over channel by channel.
#include <math.h>
#include <stdlib.h>

#include "../include/ds_normalization.h"
#include "../include/ds_threads.h"
#include "norm_checks.h"
#include "planes.h"

typedef struct group_call {
  planes x, dy, out;  // `out`: y or dx
  int64_t samples, channels, groups, each, elements;  // channels of a group, elements of a group
  double epsilon;
  bool has_out;
  const ds_view *mean, *rstd, *weight, *bias;
  double *sums;  // backward: [samples, channels, 2], the sums of dy and of dy (x - mean)
} group_call;

static void normalize_groups(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const group_call *call = context;
  for (int64_t index = begin; index < end; index++) {
    int64_t sample = index / call->groups, first = index % call->groups * call->each, last = first + call->each;
    double sum = 0.0, squares = 0.0;
    for (int64_t channel = first; channel < last; channel++) sum += plane_sum(&call->x, sample, channel);
    double mean = sum / (double)call->elements;
    for (int64_t channel = first; channel < last; channel++) {
      squares += plane_squares(&call->x, sample, channel, mean);
    }
    double rstd = 1.0 / sqrt(squares / (double)call->elements + call->epsilon);
    for (int64_t channel = first; channel < last; channel++) {
      plane_affine(&call->x, &call->out, sample, channel, mean, rstd * norm_element(call->weight, channel, 1.0),
                   norm_element(call->bias, channel, 0.0));
    }
    norm_set_element(call->mean, index, mean);
    norm_set_element(call->rstd, index, rstd);
  }
}

// As for layer norm, with a weight for each channel.
static void differentiate_groups(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const group_call *call = context;
  for (int64_t index = begin; index < end; index++) {
    int64_t sample = index / call->groups, first = index % call->groups * call->each, last = first + call->each;
    double mean = norm_element(call->mean, index, 0.0), rstd = norm_element(call->rstd, index, 1.0);
    double average = 0.0, along = 0.0;
    for (int64_t channel = first; channel < last; channel++) {
      double *sums = call->sums + 2 * (sample * call->channels + channel);
      sums[0] = sums[1] = 0.0;
      plane_dots(&call->x, &call->dy, sample, channel, mean, sums);
      double weight = norm_element(call->weight, channel, 1.0);
      average += weight * sums[0];
      along += weight * sums[1];
      // What the weight's gradient is the sum of, over samples.
      sums[1] *= rstd;
    }
    if (!call->has_out) continue;
    double b = -rstd * rstd * rstd * along / (double)call->elements, c = -rstd * average / (double)call->elements;
    for (int64_t channel = first; channel < last; channel++) {
      double a = rstd * norm_element(call->weight, channel, 1.0);
      plane_gradient(&call->x, &call->dy, &call->out, sample, channel, mean, a, b, c);
    }
  }
}

static ds_status prepare(group_call *call, const ds_view *x, int64_t groups, const ds_view *dy, const ds_view *out,
                         const ds_view *mean, const ds_view *rstd, const ds_view *weight, const ds_view *bias) {
  NORM_TRY(norm_check_channels(x));
  NORM_TRY(norm_check_like(dy, x));
  NORM_TRY(norm_check_like(out, x));
  if (groups < 1 || x->shape[1] % groups != 0) return DS_INVALID_SHAPE;
  int64_t statistics;
  if (__builtin_mul_overflow(x->shape[0], groups, &statistics)) return DS_INVALID_SHAPE;
  NORM_TRY(norm_check_statistic(mean, statistics, x->dtype));
  NORM_TRY(norm_check_statistic(rstd, statistics, x->dtype));
  NORM_TRY(norm_check_parameter(weight, x->shape[1], x->dtype));
  NORM_TRY(norm_check_parameter(bias, x->shape[1], x->dtype));
  call->samples = x->shape[0];
  call->channels = x->shape[1];
  call->groups = groups;
  call->each = call->channels / groups;
  int64_t count = ds_element_count(x);
  call->elements = count > 0 ? count / statistics : 0;
  call->has_out = out != NULL;
  call->mean = mean;
  call->rstd = rstd;
  call->weight = weight;
  call->bias = bias;
  const ds_view *views[3] = {x, dy, out};
  planes together[3] = {0};
  planes_together(views, 3, 2, together);
  call->x = together[0];
  call->dy = together[1];
  call->out = together[2];
  return DS_OK;
}

ds_status ds_group_norm(const ds_view *x, int64_t groups, const ds_view *weight, const ds_view *bias, double epsilon,
                        const ds_view *y, const ds_view *mean, const ds_view *rstd) {
  group_call call = {.epsilon = epsilon};
  NORM_TRY(prepare(&call, x, groups, NULL, y, mean, rstd, weight, bias));
  if (call.elements == 0) return DS_OK;
  ds_parallel_for(call.samples * call.groups, norm_grain(call.elements), normalize_groups, &call);
  return DS_OK;
}

ds_status ds_group_norm_backward(const ds_view *x, int64_t groups, const ds_view *mean, const ds_view *rstd,
                                 const ds_view *weight, const ds_view *dy, const ds_view *dx, const ds_view *dweight,
                                 const ds_view *dbias) {
  group_call call = {0};
  NORM_TRY(prepare(&call, x, groups, dy, dx, mean, rstd, weight, NULL));
  NORM_TRY(norm_check_parameter(dweight, call.channels, x->dtype));
  NORM_TRY(norm_check_parameter(dbias, call.channels, x->dtype));
  int64_t sums;
  if (__builtin_mul_overflow(call.samples, 2 * call.channels, &sums)) return DS_OUT_OF_MEMORY;
  if (call.elements == 0) sums = 0;
  call.sums = calloc((size_t)sums + 1, sizeof(double));
  if (call.sums == NULL) return DS_OUT_OF_MEMORY;
  if (call.elements > 0) {
    ds_parallel_for(call.samples * call.groups, norm_grain(call.elements), differentiate_groups, &call);
  }
  for (int64_t channel = 0; channel < call.channels; channel++) {
    double dbias_sum = 0.0, dweight_sum = 0.0;
    for (int64_t sample = 0; call.elements > 0 && sample < call.samples; sample++) {
      dbias_sum += call.sums[2 * (sample * call.channels + channel)];
      dweight_sum += call.sums[2 * (sample * call.channels + channel) + 1];
    }
    norm_set_element(dweight, channel, dweight_sum);
    norm_set_element(dbias, channel, dbias_sum);
  }
  free(call.sums);
  return DS_OK;
}
