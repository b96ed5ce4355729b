// Convolution in float64: plain loops over what each place sees, for checking gradients rather than for speed.
#include "ds_threads.h"
#include "../views/views.h"
#include "shape.h"

typedef struct wide_plan {
  const dsv_convolution *shape;
  const double *x, *weight, *bias;
  double *out;
} wide_plan;

// The flat place in the input that tap `tap` of place `place` sees; -1 in the padding.
static int64_t seen(const dsv_convolution *shape, int64_t place, int64_t tap) {
  int64_t at[3], taps[3], flat = 0;
  for (int i = 2; i >= 0; i--) {
    at[i] = place % shape->out[i];
    place /= shape->out[i];
    taps[i] = tap % shape->kernel[i];
    tap /= shape->kernel[i];
  }
  for (int i = 0; i < 3; i++) {
    int64_t source = at[i] * shape->stride[i] - shape->before[i] + taps[i] * shape->dilation[i];
    if (source < 0 || source >= shape->in[i]) return -1;
    flat = flat * shape->in[i] + source;
  }
  return flat;
}

// The range counts output planes.
static void forward(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const wide_plan *plan = context;
  const dsv_convolution *s = plan->shape;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t channel = plane % (s->groups * s->outputs), pair = plane / s->outputs;
    const double *weight = plan->weight + channel * s->depth;
    double *out = plan->out + plane * s->out_plane;
    for (int64_t p = 0; p < s->out_plane; p++) out[p] = plan->bias != NULL ? plan->bias[channel] : 0;
    for (int64_t t = 0; t < s->taps; t++) {
      for (int64_t p = 0; p < s->out_plane; p++) {
        int64_t source = seen(s, p, t);
        if (source < 0) continue;
        const double *x = plan->x + pair * s->inputs * s->in_plane + source;
        for (int64_t i = 0; i < s->inputs; i++) out[p] += weight[i * s->taps + t] * x[i * s->in_plane];
      }
    }
  }
}

// The range counts planes of the convolution's input; x is the small side here.
static void transposed(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const wide_plan *plan = context;
  const dsv_convolution *s = plan->shape;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t pair = plane / s->inputs, i = plane % s->inputs, group = pair % s->groups;
    double *out = plan->out + plane * s->in_plane;
    for (int64_t p = 0; p < s->in_plane; p++) out[p] = plan->bias != NULL ? plan->bias[group * s->inputs + i] : 0;
    for (int64_t t = 0; t < s->taps; t++) {
      for (int64_t p = 0; p < s->out_plane; p++) {
        int64_t target = seen(s, p, t);
        if (target < 0) continue;
        for (int64_t o = 0; o < s->outputs; o++) {
          out[target] += plan->weight[((group * s->outputs + o) * s->inputs + i) * s->taps + t] *
                         plan->x[(pair * s->outputs + o) * s->out_plane + p];
        }
      }
    }
  }
}

// The range counts output channels; weight stands for dy here.
static void weight_gradient(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const wide_plan *plan = context;
  const dsv_convolution *s = plan->shape;
  for (int64_t channel = begin; channel < end; channel++) {
    int64_t group = channel / s->outputs;
    double *out = plan->out + channel * s->depth;
    for (int64_t e = 0; e < s->depth; e++) out[e] = 0;
    for (int64_t n = 0; n < s->batch; n++) {
      const double *dy = plan->weight + (n * s->groups * s->outputs + channel) * s->out_plane;
      const double *x = plan->x + (n * s->groups + group) * s->inputs * s->in_plane;
      for (int64_t t = 0; t < s->taps; t++) {
        for (int64_t p = 0; p < s->out_plane; p++) {
          int64_t source = seen(s, p, t);
          if (source < 0) continue;
          for (int64_t i = 0; i < s->inputs; i++) out[i * s->taps + t] += dy[p] * x[i * s->in_plane + source];
        }
      }
    }
  }
}

void dsv_convolve64(const dsv_convolution *shape, const double *x, const double *weight, const double *bias,
                    double *out) {
  wide_plan plan = {.shape = shape, .x = x, .weight = weight, .bias = bias, .out = out};
  ds_parallel_for(shape->batch * shape->groups * shape->outputs, dsv_grain(shape->out_plane * shape->depth), forward,
                  &plan);
}

void dsv_convolve64_transposed(const dsv_convolution *shape, const double *y, const double *weight,
                               const double *bias, double *out) {
  wide_plan plan = {.shape = shape, .x = y, .weight = weight, .bias = bias, .out = out};
  ds_parallel_for(shape->batch * shape->groups * shape->inputs,
                  dsv_grain(shape->out_plane * shape->taps * shape->outputs), transposed, &plan);
}

void dsv_convolve64_weight(const dsv_convolution *shape, const double *x, const double *dy, double *dweight) {
  wide_plan plan = {.shape = shape, .x = x, .weight = dy, .out = dweight};
  ds_parallel_for(shape->groups * shape->outputs, dsv_grain(shape->batch * shape->out_plane * shape->depth),
                  weight_gradient, &plan);
}
