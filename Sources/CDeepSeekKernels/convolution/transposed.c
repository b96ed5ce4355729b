// The transposed convolution. With stride 1 it is a convolution with mirrored kernels and its channels exchanged. Else
// weight^T [inputs * taps, outputs] by y [outputs, places] gives what each place adds to the elements it sees, tile by
// tile, and is added to them; tiles overlap, so threads share channels, not tiles.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_gemm.h"
#include "ds_threads.h"
#include "shape.h"
#include "winograd/winograd.h"

enum { COLUMN_FLOATS = 1 << 17 };  // of a tile's product: half a megabyte

static bool is_mirrored_convolution(const dsv_convolution *shape) {
  for (int32_t i = 0; i < 3; i++) {
    if (shape->stride[i] != 1 || (shape->kernel[i] - 1) * shape->dilation[i] < shape->before[i]) return false;
  }
  return true;
}

static ds_status convolve_mirrored(const dsv_convolution *shape, const float *y, const float *weight,
                                   const float *bias, float *out) {
  dsv_convolution mirrored = *shape;
  mirrored.inputs = shape->outputs;
  mirrored.outputs = shape->inputs;
  mirrored.in_plane = shape->out_plane;
  mirrored.out_plane = shape->in_plane;
  mirrored.depth = mirrored.inputs * shape->taps;
  for (int32_t i = 0; i < 3; i++) {
    mirrored.in[i] = shape->out[i];
    mirrored.out[i] = shape->in[i];
    mirrored.before[i] = (shape->kernel[i] - 1) * shape->dilation[i] - shape->before[i];
  }
  if (winograd_serves(&mirrored)) return winograd_convolve(&mirrored, true, y, weight, bias, out);
  int64_t taps = shape->taps;
  float *flipped = dsv_allocate(shape->groups * shape->outputs * shape->depth, sizeof(float)), *to = flipped;
  if (flipped == NULL) return DS_OUT_OF_MEMORY;
  for (int64_t g = 0; g < shape->groups; g++) {
    for (int64_t i = 0; i < shape->inputs; i++) {
      for (int64_t o = 0; o < shape->outputs; o++, to += taps) {
        const float *from = weight + ((g * shape->outputs + o) * shape->inputs + i) * taps;
        for (int64_t t = 0; t < taps; t++) to[t] = from[taps - 1 - t];
      }
    }
  }
  ds_status status = mirrored.outputs == 1 && mirrored.inputs == 1 ? dsv_depthwise(&mirrored, y, flipped, bias, out)
                                                                   : dsv_convolve(&mirrored, y, flipped, bias, out);
  free(flipped);
  return status;
}

typedef struct transposed_plan {
  const dsv_convolution *shape;
  const float *y, *weight, *bias;
  float *out;
  int64_t blocks, block;  // of input channels
  dsv_tiling tiling;
  float *scratch;  // for each worker: the product of a tile, and its box
  int64_t scratch_size, product_size;
  ds_status *failures;
} transposed_plan;

// Adds the product [channels * taps, places] into the tile's box.
static void add_columns(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *from,
                        int64_t channels, float *to) {
  int64_t stride = shape->stride[2];
  for (int64_t slice = 0; slice < channels * shape->kernel[0]; slice++) {
    for (int64_t h = 0; h < shape->kernel[1]; h++) {
      for (int64_t w = 0; w < shape->kernel[2]; w++) {
        for (int64_t row = 0; row < tile->rows; row++, from += tile->columns) {
          float *target = to + slice * box->slice + (row * shape->stride[1] + h * shape->dilation[1]) * box->columns +
                          w * shape->dilation[2];
          for (int64_t j = 0; j < tile->columns; j++) target[j * stride] += from[j];
        }
      }
    }
  }
}

// The range counts blocks of channels of (image, group) pairs.
static void transposed_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  const transposed_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *product = plan->scratch + worker * plan->scratch_size, *box = product + plan->product_size;
  for (int64_t item = begin; item < end; item++) {
    int64_t pair = item / plan->blocks, group = pair % shape->groups;
    int64_t first = item % plan->blocks * plan->block;
    int64_t channels = shape->inputs - first < plan->block ? shape->inputs - first : plan->block;
    const float *y = plan->y + pair * shape->outputs * shape->out_plane;
    const float *weight = plan->weight + group * shape->outputs * shape->depth + first * shape->taps;
    float *out = plan->out + (pair * shape->inputs + first) * shape->in_plane;
    for (int64_t c = 0; c < channels; c++) {
      float bias = plan->bias != NULL ? plan->bias[group * shape->inputs + first + c] : 0;
      for (int64_t j = 0; j < shape->in_plane; j++) out[c * shape->in_plane + j] = bias;
    }
    for (int64_t t = 0; t < plan->tiling.count; t++) {
      dsv_tile tile = dsv_tile_at(shape, &plan->tiling, t);
      dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
      ds_status status = ds_gemm(true, false, channels * shape->taps, tile.count, shape->outputs, 1, weight,
                                 shape->depth, y + tile.start, shape->out_plane, 0, product, tile.count, NULL);
      if (status != DS_OK) plan->failures[worker] = status;
      memset(box, 0, (size_t)(channels * shape->kernel[0] * size.slice) * sizeof(float));
      add_columns(shape, &tile, &size, product, channels, box);
      dsv_box_add(shape, &tile, &size, box, channels, out);
    }
  }
}

ds_status dsv_convolve_transposed(const dsv_convolution *shape, const float *y, const float *weight,
                                  const float *bias, float *out) {
  if (is_mirrored_convolution(shape)) return convolve_mirrored(shape, y, weight, bias, out);
  transposed_plan plan = {.shape = shape, .y = y, .weight = weight, .bias = bias, .out = out};
  int32_t threads = ds_thread_count();
  int64_t pairs = shape->batch * shape->groups, pieces = pairs >= threads ? 1 : (threads + pairs - 1) / pairs;
  if (pieces > shape->inputs) pieces = shape->inputs;
  plan.block = (shape->inputs + pieces - 1) / pieces;
  plan.blocks = (shape->inputs + plan.block - 1) / plan.block;
  // The tiling does not depend on the blocks, so sums run in one order whatever the thread count.
  int64_t wanted = COLUMN_FLOATS / shape->depth;
  plan.tiling = dsv_tiling_of(shape, wanted < 64 ? 64 : wanted);
  dsv_box box = dsv_box_of(shape, plan.tiling.rows, plan.tiling.columns);
  plan.product_size = plan.block * shape->taps * plan.tiling.rows * plan.tiling.columns;
  plan.scratch_size = plan.product_size + dsv_box_size(shape, &box, plan.block);
  plan.scratch = dsv_allocate(threads * plan.scratch_size, sizeof(float));
  plan.failures = calloc((size_t)threads, sizeof(ds_status));
  ds_status status = plan.scratch == NULL || plan.failures == NULL ? DS_OUT_OF_MEMORY : DS_OK;
  if (status == DS_OK) {
    ds_parallel_for(pairs * plan.blocks, 1, transposed_blocks, &plan);
    for (int32_t t = 0; t < threads; t++) {
      if (plan.failures[t] != DS_OK) status = plan.failures[t];
    }
  }
  free(plan.scratch);
  free(plan.failures);
  return status;
}
