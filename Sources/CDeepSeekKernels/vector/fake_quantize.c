// Numbers as they come back from few bits, and their gradients.
#include "view_loop.h"

typedef struct fake_quantize_job {
  fake_quantize_loop loop;
  double limits[2];
} fake_quantize_job;

static void run_fake_quantize(const void *context, const void *const in[], void *out, int64_t n) {
  const fake_quantize_job *job = context;
  job->loop(in, out, n, job->limits);
}

ds_status ds_fake_quantize(ds_fake_quantize_part part, const ds_view *x, const ds_view *scale, const ds_view *zero_point,
                           const ds_view *above, double lowest, double highest, const ds_view *out) {
  const int32_t inputs = part == DS_FAKE_QUANTIZE_VALUE ? 3 : 4, dtype = x->dtype;
  const ds_view *in[4] = {x, scale, zero_point, above};
  if ((uint32_t)part >= DS_FAKE_QUANTIZE_PARTS || !is_float(dtype)) return DS_UNSUPPORTED_DTYPE;
  for (int32_t i = 1; i < inputs; i++) {
    if (in[i]->dtype != dtype) return DS_UNSUPPORTED_DTYPE;
  }
  if (out->dtype != dtype) return DS_UNSUPPORTED_DTYPE;
  const int32_t type = computed_dtype(dtype), computed[4] = {type, type, type, type};
  const fake_quantize_job job = {vector_loops()->fake_quantize[type == DS_FLOAT64][part], {lowest, highest}};
  return ds_view_map(inputs, in, computed, out, type, GRAIN_LIGHT, run_fake_quantize, NULL, &job);
}
