// Depthwise convolution: every group has one input channel, so there is nothing for a matrix product to share. Each
// channel's plane is copied between zeros, tile by tile, and its rows are computed many places at a time.
#include <stdlib.h>

#include "../views/variants.h"
#include "../views/views.h"
#include "ds_threads.h"
#include "shape.h"

enum { TILE_PLACES = 1 << 13 };  // a tile and its box stay in the second-level cache

#define ISA(name) name##_portable
#include "depthwise.inc"
#undef ISA
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA(name) name##_avx2
#include "depthwise.inc"
#undef ISA
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define ISA(name) name##_avx512
#include "depthwise.inc"
#undef ISA
#pragma clang attribute pop
#endif

typedef struct depthwise_plan {
  const dsv_convolution *shape;
  const float *from, *weight, *bias;
  float *to;
  const float *dy;
  dsv_tiling tiling;
  float *scratch;  // a box for each worker
  int64_t box_size;
  void (*tile)(const dsv_convolution *, const dsv_tile *, const dsv_box *, const float *, const float *, float,
               float *);
  void (*spread)(const dsv_convolution *, const dsv_tile *, const dsv_box *, const float *, const float *, float *);
  void (*dot)(const dsv_convolution *, const dsv_tile *, const dsv_box *, const float *, const float *, float *);
} depthwise_plan;

// The range counts input planes.
static void forward_planes(void *context, int64_t begin, int64_t end, int32_t worker) {
  const depthwise_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *box = plan->scratch + worker * plan->box_size;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t group = plane % shape->groups;
    for (int64_t t = 0; t < plan->tiling.count; t++) {
      dsv_tile tile = dsv_tile_at(shape, &plan->tiling, t);
      dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
      dsv_box_fill(shape, &tile, &size, plan->from + plane * shape->in_plane, 1, box);
      for (int64_t o = 0; o < shape->outputs; o++) {
        int64_t channel = group * shape->outputs + o;
        plan->tile(shape, &tile, &size, box, plan->weight + channel * shape->taps,
                   plan->bias != NULL ? plan->bias[channel] : 0,
                   plan->to + (plane * shape->outputs + o) * shape->out_plane + tile.start);
      }
    }
  }
}

static void transposed_planes(void *context, int64_t begin, int64_t end, int32_t worker) {
  const depthwise_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *box = plan->scratch + worker * plan->box_size;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t group = plane % shape->groups;
    float *out = plan->to + plane * shape->in_plane, bias = plan->bias != NULL ? plan->bias[group] : 0;
    for (int64_t j = 0; j < shape->in_plane; j++) out[j] = bias;
    for (int64_t t = 0; t < plan->tiling.count; t++) {
      dsv_tile tile = dsv_tile_at(shape, &plan->tiling, t);
      dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
      memset(box, 0, (size_t)(shape->kernel[0] * size.slice) * sizeof(float));
      for (int64_t o = 0; o < shape->outputs; o++) {
        plan->spread(shape, &tile, &size, plan->from + (plane * shape->outputs + o) * shape->out_plane + tile.start,
                     plan->weight + (group * shape->outputs + o) * shape->taps, box);
      }
      dsv_box_add(shape, &tile, &size, box, 1, out);
    }
  }
}

// The range counts groups, so that each tap is summed by one thread.
static void gradient_groups(void *context, int64_t begin, int64_t end, int32_t worker) {
  const depthwise_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *box = plan->scratch + worker * plan->box_size;
  for (int64_t group = begin; group < end; group++) {
    float *dweight = plan->to + group * shape->outputs * shape->taps;
    memset(dweight, 0, (size_t)(shape->outputs * shape->taps) * sizeof(float));
    for (int64_t n = 0; n < shape->batch; n++) {
      int64_t plane = n * shape->groups + group;
      for (int64_t t = 0; t < plan->tiling.count; t++) {
        dsv_tile tile = dsv_tile_at(shape, &plan->tiling, t);
        dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
        dsv_box_fill(shape, &tile, &size, plan->from + plane * shape->in_plane, 1, box);
        for (int64_t o = 0; o < shape->outputs; o++) {
          plan->dot(shape, &tile, &size, box, plan->dy + (plane * shape->outputs + o) * shape->out_plane + tile.start,
                    dweight + o * shape->taps);
        }
      }
    }
  }
}

static ds_status run(depthwise_plan *plan, int64_t count, int64_t grain, ds_range_body body) {
  const dsv_convolution *shape = plan->shape;
  plan->tile = DSV_VARIANT(depthwise_tile);
  plan->spread = DSV_VARIANT(depthwise_spread);
  plan->dot = DSV_VARIANT(depthwise_dot);
  plan->tiling = dsv_tiling_of(shape, TILE_PLACES);
  dsv_box box = dsv_box_of(shape, plan->tiling.rows, plan->tiling.columns);
  plan->box_size = (dsv_box_size(shape, &box, 1) + 15) / 16 * 16;
  plan->scratch = calloc((size_t)(ds_thread_count() * plan->box_size), sizeof(float));
  if (plan->scratch == NULL) return DS_OUT_OF_MEMORY;
  ds_parallel_for(count, grain, body, plan);
  free(plan->scratch);
  return DS_OK;
}

ds_status dsv_depthwise(const dsv_convolution *shape, const float *x, const float *weight, const float *bias,
                        float *out) {
  depthwise_plan plan = {.shape = shape, .from = x, .weight = weight, .bias = bias, .to = out};
  return run(&plan, shape->batch * shape->groups, dsv_grain(shape->out_plane * shape->taps), forward_planes);
}

ds_status dsv_depthwise_transposed(const dsv_convolution *shape, const float *y, const float *weight,
                                   const float *bias, float *out) {
  depthwise_plan plan = {.shape = shape, .from = y, .weight = weight, .bias = bias, .to = out};
  return run(&plan, shape->batch * shape->groups, dsv_grain(shape->out_plane * shape->taps), transposed_planes);
}

ds_status dsv_depthwise_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight) {
  depthwise_plan plan = {.shape = shape, .from = x, .dy = dy, .to = dweight};
  return run(&plan, shape->groups, dsv_grain(shape->batch * shape->out_plane * shape->taps), gradient_groups);
}
