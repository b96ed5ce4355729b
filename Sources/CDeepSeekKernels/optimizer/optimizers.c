// The optimizer steps: checks, and passes over the buffers.
#include <math.h>

#include "../include/ds_optimizer.h"
#include "optimizer_internal.h"

#define CHECK(dtype, count)                              \
  const optimizer_loops *loops = optimizer_loops_for(dtype); \
  if (loops == NULL) return DS_UNSUPPORTED_DTYPE;        \
  if ((count) < 0) return DS_INVALID_SHAPE;

ds_status ds_sgd(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *velocity,
                 const ds_sgd_options *options) {
  CHECK(dtype, count)
  if (velocity == NULL && options->momentum != 0.0) return DS_INVALID_SHAPE;
  optimizer_buffers buffers = {parameter, gradient, {velocity, NULL, NULL}, options, 0.0};
  optimizer_run(loops->sgd, &buffers, count);
  return DS_OK;
}

ds_status ds_adam(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *first, void *second,
                  void *largest, const ds_adam_options *options) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {parameter, gradient, {first, second, largest}, options, 0.0};
  optimizer_run(loops->adam, &buffers, count);
  return DS_OK;
}

ds_status ds_rmsprop(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *square, void *average,
                     void *velocity, const ds_rmsprop_options *options) {
  CHECK(dtype, count)
  if (velocity == NULL && options->momentum != 0.0) return DS_INVALID_SHAPE;
  optimizer_buffers buffers = {parameter, gradient, {square, average, velocity}, options, 0.0};
  optimizer_run(loops->rmsprop, &buffers, count);
  return DS_OK;
}

ds_status ds_adagrad(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *sum,
                     const ds_adagrad_options *options) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {parameter, gradient, {sum, NULL, NULL}, options, 0.0};
  optimizer_run(loops->adagrad, &buffers, count);
  return DS_OK;
}

ds_status ds_lion(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *momentum,
                  const ds_lion_options *options) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {parameter, gradient, {momentum, NULL, NULL}, options, 0.0};
  optimizer_run(loops->lion, &buffers, count);
  return DS_OK;
}

ds_status ds_lamb(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *first, void *second,
                  const ds_lamb_options *options) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {parameter, gradient, {first, second, NULL}, options, 0.0};
  double sums[2];
  optimizer_run_sums(loops->lamb_moments, &buffers, count, sums);
  double trust = sums[0] > 0.0 && sums[1] > 0.0 ? sqrt(sums[0]) / sqrt(sums[1]) : 1.0;
  buffers.rate = options->learning_rate * trust;
  optimizer_run(loops->lamb_apply, &buffers, count);
  return DS_OK;
}

ds_status ds_lars(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *velocity,
                  const ds_lars_options *options) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {parameter, gradient, {velocity, NULL, NULL}, options, 0.0};
  double sums[2];
  optimizer_run_sums(loops->lars_norms, &buffers, count, sums);
  double parameters = sqrt(sums[0]), gradients = sqrt(sums[1]), local = 1.0;
  if (parameters > 0.0 && gradients > 0.0) {
    local = options->trust * parameters / (gradients + options->weight_decay * parameters + options->epsilon);
  }
  buffers.rate = options->learning_rate * local;
  optimizer_run(loops->lars_apply, &buffers, count);
  return DS_OK;
}

ds_status ds_gradient_squares(ds_dtype dtype, int64_t count, const void *x, double *sum, bool *finite) {
  CHECK(dtype, count)
  optimizer_buffers buffers = {.gradient = x};
  double sums[2];
  optimizer_run_sums(loops->squares, &buffers, count, sums);
  *sum = sums[0];
  if (finite != NULL) *finite = !isnan(sums[1]);
  return DS_OK;
}
