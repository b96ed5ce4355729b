// The gradient with respect to the weight: dy [outputs, places] by what each place sees [places, inputs * taps], summed
// over tiles and images. Threads share the input channels, so that every sum runs in one order.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_gemm.h"
#include "ds_threads.h"
#include "shape.h"
#include "winograd/winograd.h"

enum {
  COLUMN_FLOATS = 1 << 17,  // of a tile: half a megabyte
  LEAST_WIDTH = 64,         // columns of a product below which splitting the channels further costs more than it gains
};

typedef struct gradient_plan {
  const dsv_convolution *shape;
  const float *x, *dy;
  float *dweight;
  int64_t blocks, block;  // of input channels
  dsv_tiling tiling;
  float *scratch;  // for each worker: what a tile sees, and its box
  int64_t scratch_size, columns_size;
  ds_status *failures;
} gradient_plan;

static void fill_columns(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *from,
                         int64_t channels, float *to) {
  int64_t stride = shape->stride[2];
  for (int64_t slice = 0; slice < channels * shape->kernel[0]; slice++) {
    for (int64_t h = 0; h < shape->kernel[1]; h++) {
      for (int64_t w = 0; w < shape->kernel[2]; w++) {
        for (int64_t row = 0; row < tile->rows; row++, to += tile->columns) {
          const float *source = from + slice * box->slice + w * shape->dilation[2] +
                                (row * shape->stride[1] + h * shape->dilation[1]) * box->columns;
          if (stride == 1) {
            memcpy(to, source, (size_t)tile->columns * sizeof(float));
          } else {
            for (int64_t j = 0; j < tile->columns; j++) to[j] = source[j * stride];
          }
        }
      }
    }
  }
}

// The range counts blocks of channels of groups.
static void gradient_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  const gradient_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  float *columns = plan->scratch + worker * plan->scratch_size, *box = columns + plan->columns_size;
  for (int64_t item = begin; item < end; item++) {
    int64_t group = item / plan->blocks, first = item % plan->blocks * plan->block;
    int64_t channels = shape->inputs - first < plan->block ? shape->inputs - first : plan->block;
    float *dweight = plan->dweight + group * shape->outputs * shape->depth + first * shape->taps;
    float beta = 0;
    for (int64_t n = 0; n < shape->batch; n++) {
      int64_t pair = n * shape->groups + group;
      const float *x = plan->x + (pair * shape->inputs + first) * shape->in_plane;
      const float *dy = plan->dy + pair * shape->outputs * shape->out_plane;
      for (int64_t t = 0; t < plan->tiling.count; t++, beta = 1) {
        dsv_tile tile = dsv_tile_at(shape, &plan->tiling, t);
        dsv_box size = dsv_box_of(shape, tile.rows, tile.columns);
        dsv_box_fill(shape, &tile, &size, x, channels, box);
        fill_columns(shape, &tile, &size, box, channels, columns);
        ds_status status = ds_gemm(false, true, shape->outputs, channels * shape->taps, tile.count, 1,
                                   dy + tile.start, shape->out_plane, columns, tile.count, beta, dweight,
                                   shape->depth, NULL);
        if (status != DS_OK) plan->failures[worker] = status;
      }
    }
  }
}

ds_status dsv_convolve_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight) {
  if (winograd_serves_weight(shape)) return winograd_convolve_weight(shape, x, dy, dweight);
  gradient_plan plan = {.shape = shape, .x = x, .dy = dy, .dweight = dweight};
  int32_t threads = ds_thread_count();
  int64_t pieces = shape->groups >= threads ? 1 : (threads + shape->groups - 1) / shape->groups;
  int64_t most = shape->depth / LEAST_WIDTH;
  if (pieces > most) pieces = most;
  if (pieces > shape->inputs) pieces = shape->inputs;
  if (pieces < 1) pieces = 1;
  plan.block = (shape->inputs + pieces - 1) / pieces;
  plan.blocks = (shape->inputs + plan.block - 1) / plan.block;
  int64_t wanted = COLUMN_FLOATS / shape->depth;
  plan.tiling = dsv_tiling_of(shape, wanted < 256 ? 256 : wanted);
  dsv_box box = dsv_box_of(shape, plan.tiling.rows, plan.tiling.columns);
  plan.columns_size = plan.block * shape->taps * plan.tiling.rows * plan.tiling.columns;
  plan.scratch_size = plan.columns_size + dsv_box_size(shape, &box, plan.block);
  plan.scratch = dsv_allocate(threads * plan.scratch_size, sizeof(float));
  plan.failures = calloc((size_t)threads, sizeof(ds_status));
  ds_status status = plan.scratch == NULL || plan.failures == NULL ? DS_OUT_OF_MEMORY : DS_OK;
  if (status == DS_OK) {
    ds_parallel_for(shape->groups * plan.blocks, 1, gradient_blocks, &plan);
    for (int32_t t = 0; t < threads; t++) {
      if (plan.failures[t] != DS_OK) status = plan.failures[t];
    }
  }
  free(plan.scratch);
  free(plan.failures);
  return status;
}
