// The forward convolution as a matrix product: weight [outputs, inputs * taps], packed once, by what each place sees
// [inputs * taps, places]. With stride 1 that is read where it lies: in a tile's box, a padded copy of the input, the next
// place is the next element for every tap, from the end of a row over its padding into the next; the places that fall on
// the padding are worked out in vain. Else it is laid out tile by tile as the product's panels. A 1 x 1 kernel multiplies
// the image itself.
#include <stdlib.h>

#include "../views/variants.h"
#include "../views/views.h"
#include "../gemm_internal.h"
#include "ds_threads.h"
#include "shape.h"
#include "winograd/winograd.h"

enum {
  PANEL = GEMM_PANEL,       // places in a panel
  PACKED_FLOATS = 1 << 17,  // of a tile: half a megabyte, which stays in a core's second-level cache
  LEAST_PANELS = 4,         // of a tile, so that reading the weight again for each costs little beside the product
  MOST_IN_VAIN = 5,         // up to a fifth of the places
};

#define ISA(name) name##_portable
#include "panels.inc"
#undef ISA
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA(name) name##_avx2
#include "panels.inc"
#undef ISA
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define ISA(name) name##_avx512
#include "panels.inc"
#undef ISA
#pragma clang attribute pop
#endif

typedef void (*panel_filler)(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *from,
                             float *to);

typedef struct forward_plan {
  const dsv_convolution *shape;
  const float *x, *weight, *bias;
  float *out;
  bool direct;  // a 1 x 1 kernel on every element
  bool flat;    // what places see is read in the box
  const gemm_kernels *kernels;
  float *strips;        // the packed weight: for each group, block by block of the depth
  int64_t block_depth;  // of such a block
  dsv_tiling tiling;
  dsv_box box;
  panel_filler fill;
  int64_t *offsets;  // of inputs and taps in the usual tile's box; then, for each worker, in a smaller one
  float *scratch;
  int64_t scratch_size, box_size;
  ds_status *failures;  // for each worker
} forward_plan;

// Blocks of the depth outermost: a block of the weight stays in cache while all panels of the tile pass over it.
static void multiply_tile(const forward_plan *plan, const float *strips, const float *panels, int64_t places,
                          float *out) {
  const dsv_convolution *shape = plan->shape;
  for (int64_t k = 0; k < shape->depth; k += plan->block_depth) {
    int64_t depth = least(plan->block_depth, shape->depth - k);
    for (int64_t p = 0; p < places; p += PANEL) {
      gemm_panel(plan->kernels, shape->outputs, least(PANEL, places - p), depth, strips + shape->outputs * k,
                 panels + p * shape->depth + k * PANEL, out + p, shape->out_plane, k > 0 || plan->bias != NULL, NULL,
                 NULL);
    }
  }
}

// Where in a box each input and tap begins.
static void fill_offsets(const dsv_convolution *shape, const dsv_box *box, int64_t *offsets) {
  for (int64_t slice = 0; slice < shape->inputs * shape->kernel[0]; slice++) {
    for (int64_t h = 0; h < shape->kernel[1]; h++) {
      for (int64_t w = 0; w < shape->kernel[2]; w++) {
        *offsets++ = slice * box->slice + h * shape->dilation[1] * box->columns + w * shape->dilation[2];
      }
    }
  }
}

// Places of a tile in the box's rows, up to the last that counts.
static int64_t flat_places(const dsv_box *box, int64_t rows, int64_t columns) { return (rows - 1) * box->columns + columns; }

// The product in the box's rows, into sums [outputs, places rounded up], and from there to the output.
static void multiply_flat(const forward_plan *plan, const float *strips, const float *box, const dsv_box *size,
                          const int64_t *offsets, const dsv_tile *tile, const float *bias, float *sums, float *out) {
  const dsv_convolution *shape = plan->shape;
  const gemm_kernels *kernels = plan->kernels;
  int64_t outputs = shape->outputs, across = kernels->columns, count = ceiling(outputs, kernels->rows);
  int64_t stride = ceiling(flat_places(size, tile->rows, tile->columns), across) * across;
  for (int64_t k = 0; k < shape->depth; k += plan->block_depth) {
    int64_t depth = least(plan->block_depth, shape->depth - k);
    for (int64_t p = 0; p < stride; p += across) {
      for (int64_t strip = 0; strip < count; strip++) {
        int64_t begin = border(outputs, count, strip), rows = border(outputs, count, strip + 1) - begin;
        kernels->spread[rows](depth, strips + outputs * k + begin * depth, box + p, offsets + k, sums + begin * stride + p,
                              stride, k > 0);
      }
    }
  }
  for (int64_t o = 0; o < outputs; o++) {
    float shift = bias != NULL ? bias[o] : 0;
    for (int64_t row = 0; row < tile->rows; row++) {
      const float *from = sums + o * stride + row * size->columns;
      float *to = out + o * shape->out_plane + row * tile->columns;
      for (int64_t j = 0; j < tile->columns; j++) to[j] = from[j] + shift;
    }
  }
}

static void pack_weight(const forward_plan *plan) {
  const dsv_convolution *shape = plan->shape;
  for (int64_t g = 0; g < shape->groups; g++) {
    const float *weight = plan->weight + g * shape->outputs * shape->depth;
    float *strips = plan->strips + g * shape->outputs * shape->depth;
    for (int64_t k = 0; k < shape->depth; k += plan->block_depth) {
      int64_t depth = least(plan->block_depth, shape->depth - k);
      plan->kernels->pack_a(false, shape->outputs, depth, 1, weight + k, shape->depth, shape->outputs,
                            strips + shape->outputs * k);
    }
  }
}

// The range counts tiles of (image, group) pairs.
static void forward_tiles(void *context, int64_t begin, int64_t end, int32_t worker) {
  const forward_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *box = plan->scratch + worker * plan->scratch_size, *panels = box + plan->box_size;
  for (int64_t item = begin; item < end; item++) {
    int64_t pair = item / plan->tiling.count, group = pair % shape->groups;
    dsv_tile tile = dsv_tile_at(shape, &plan->tiling, item % plan->tiling.count);
    const float *x = plan->x + pair * shape->inputs * shape->in_plane;
    const float *weight = plan->weight + group * shape->outputs * shape->depth;
    float *out = plan->out + pair * shape->outputs * shape->out_plane + tile.start;
    dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
    const float *strips = plan->strips + group * shape->outputs * shape->depth;
    if (plan->flat) {
      dsv_box_fill(shape, &tile, &size, x, shape->inputs, box);
      int64_t *offsets = plan->offsets;
      if (size.slice != plan->box.slice) {
        offsets = plan->offsets + (worker + 1) * shape->depth;
        fill_offsets(shape, &size, offsets);
      }
      multiply_flat(plan, strips, box, &size, offsets, &tile, plan->bias != NULL ? plan->bias + group * shape->outputs : NULL,
                    panels, out);
      continue;
    }
    for (int64_t o = 0; plan->bias != NULL && o < shape->outputs; o++) {
      float *row = out + o * shape->out_plane, bias = plan->bias[group * shape->outputs + o];
      for (int64_t j = 0; j < tile.count; j++) row[j] = bias;
    }
    float beta = plan->bias != NULL ? 1 : 0;
    ds_status status;
    if (plan->direct) {
      status = ds_gemm(false, false, shape->outputs, tile.count, shape->inputs, 1, weight, shape->inputs,
                       x + tile.start, shape->in_plane, beta, out, shape->out_plane, NULL);
    } else {
      dsv_box_fill(shape, &tile, &size, x, shape->inputs, box);
      plan->fill(shape, &tile, &size, box, panels);
      multiply_tile(plan, strips, panels, tile.count, out);
      status = DS_OK;
    }
    if (status != DS_OK) plan->failures[worker] = status;
  }
}

ds_status dsv_convolve(const dsv_convolution *shape, const float *x, const float *weight, const float *bias,
                       float *out) {
  if (winograd_serves(shape)) return winograd_convolve(shape, false, x, weight, bias, out);
  forward_plan plan = {.shape = shape, .x = x, .weight = weight, .bias = bias, .out = out, .direct = true,
                       .fill = DSV_VARIANT(fill_panels)};
  for (int32_t i = 0; i < 3; i++) {
    plan.direct &= shape->kernel[i] == 1 && shape->stride[i] == 1 && shape->in[i] == shape->out[i];
  }
  int64_t wanted = PACKED_FLOATS / shape->depth / PANEL * PANEL;
  if (wanted < LEAST_PANELS * PANEL) wanted = LEAST_PANELS * PANEL;
  int32_t threads = ds_thread_count();
  plan.tiling = dsv_tiling_of(shape, wanted);
  int64_t panels = 0;
  if (!plan.direct) {
    plan.box = dsv_box_of(shape, plan.tiling.rows, plan.tiling.columns);
    plan.box_size = (dsv_box_size(shape, &plan.box, shape->inputs) + 15) / 16 * 16;
    int64_t places = ceiling(plan.tiling.rows * plan.tiling.columns, PANEL) * PANEL;
    panels = shape->depth * places + PANEL;
    int64_t flat = flat_places(&plan.box, plan.tiling.rows, plan.tiling.columns);
    plan.flat = shape->stride[1] == 1 && shape->stride[2] == 1 &&
                (flat - plan.tiling.rows * plan.tiling.columns) * MOST_IN_VAIN <= flat;
    if (plan.flat) panels = shape->outputs * ceiling(flat, PANEL) * PANEL;
  }
  plan.scratch_size = plan.box_size + (panels + 15) / 16 * 16;
  // Slack is read before it is written, so the memory starts out as zeros; vectors want it aligned.
  int64_t strips = plan.direct ? 0 : shape->groups * shape->outputs * shape->depth + GEMM_STRIP_PADDING;
  char *memory = calloc((size_t)(threads * plan.scratch_size + strips + 16), sizeof(float));
  plan.failures = calloc((size_t)threads, sizeof(ds_status));
  if (plan.flat) plan.offsets = dsv_allocate((threads + 1) * shape->depth, sizeof *plan.offsets);
  ds_status status = memory == NULL || plan.failures == NULL || (plan.flat && plan.offsets == NULL) ? DS_OUT_OF_MEMORY
                                                                                                    : DS_OK;
  if (status == DS_OK) {
    plan.scratch = (float *)(((uintptr_t)memory + 63) / 64 * 64);
    plan.strips = plan.scratch + threads * plan.scratch_size;
    plan.kernels = gemm_current_kernels();
    plan.block_depth = gemm_current_blocking()->depth;
    if (!plan.direct) pack_weight(&plan);
    if (plan.flat) fill_offsets(shape, &plan.box, plan.offsets);
    ds_parallel_for(shape->batch * shape->groups * plan.tiling.count, 1, forward_tiles, &plan);
    for (int32_t t = 0; t < threads; t++) {
      if (plan.failures[t] != DS_OK) status = plan.failures[t];
    }
  }
  free(memory);
  free(plan.failures);
  free(plan.offsets);
  return status;
}
