// The gradient with respect to the kernels: for each position, transformed outputs' gradients by transformed inputs, summed
// over tiles. Blocks of tiles follow one another, and threads share what there is to do in each, so that every sum runs in
// one order.
#include <stdlib.h>

#include "../../views/views.h"
#include "ds_threads.h"
#include "kernels.h"
#include "winograd.h"

enum {
  BLOCK_FLOATS = 1 << 18,  // of transformed tiles: a megabyte, which threads share
  LEAST_TILES = 64,        // of a block, so that sums are read and written again rarely
  MOST_TILES = 512,
};

typedef struct gradient_plan {
  const dsv_convolution *shape;
  const winograd_kernels *transforms;
  const float *x, *dy;
  float *in, *out;                 // transformed: [position, channel, pitch]
  int64_t pitch, in_stride, out_stride;
  const winograd_piece *pieces;
  int64_t count;
} gradient_plan;

// The range counts channels: inputs, and after them outputs.
static void transform_channels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const gradient_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  int64_t inputs = shape->inputs, split = begin > inputs ? begin : end < inputs ? end : inputs;
  if (begin < split) {
    plan->transforms->input(plan->pieces, plan->count, split - begin, plan->x + begin * shape->in_plane, shape->in[2],
                            shape->in_plane, plan->in + begin * plan->pitch, plan->pitch, plan->in_stride);
  }
  if (split < end) {
    plan->transforms->gradient(plan->pieces, plan->count, end - split, plan->dy + (split - inputs) * shape->out_plane,
                               shape->out[2], shape->out_plane, plan->out + (split - inputs) * plan->pitch, plan->pitch,
                               plan->out_stride);
  }
}

ds_status winograd_convolve_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight) {
  int64_t outputs = shape->outputs, inputs = shape->inputs;
  winograd_tiles tiles = winograd_tiles_of(shape);
  int64_t block = BLOCK_FLOATS / (WINOGRAD_POSITIONS * (inputs + outputs));
  block = block < LEAST_TILES ? LEAST_TILES : block > MOST_TILES ? MOST_TILES : block;
  block = least(block, tiles.count);
  gradient_plan plan = {.shape = shape, .transforms = winograd_current_kernels(), .pitch = block + WINOGRAD_SPILL};
  plan.in_stride = inputs * plan.pitch;
  plan.out_stride = outputs * plan.pitch;
  plan.in = dsv_allocate(WINOGRAD_POSITIONS * plan.in_stride, sizeof(float));
  plan.out = dsv_allocate(WINOGRAD_POSITIONS * plan.out_stride, sizeof(float));
  float *sums = dsv_allocate(WINOGRAD_POSITIONS * outputs * inputs, sizeof(float));
  winograd_piece *pieces = dsv_allocate(block, sizeof *pieces);
  plan.pieces = pieces;
  ds_status status = plan.in == NULL || plan.out == NULL || sums == NULL || pieces == NULL ? DS_OUT_OF_MEMORY : DS_OK;
  const int64_t positions[1] = {WINOGRAD_POSITIONS}, strides[3] = {plan.out_stride, plan.in_stride, outputs * inputs};
  for (int64_t group = 0; group < shape->groups && status == DS_OK; group++) {
    plan.x = x + group * inputs * shape->in_plane;
    plan.dy = dy + group * outputs * shape->out_plane;
    for (int64_t first = 0; first < tiles.count && status == DS_OK; first += block) {
      int64_t last = least(first + block, tiles.count);
      plan.count = winograd_pieces(shape, &tiles, first, last, plan.transforms->lanes, pieces);
      ds_parallel_for(inputs + outputs, 1, transform_channels, &plan);
      status = ds_gemm_batched(1, positions, &strides[0], &strides[1], &strides[2], false, true, outputs, inputs,
                               last - first, 1, plan.out, plan.pitch, plan.in, plan.pitch, first == 0 ? 0 : 1, sums, inputs,
                               NULL);
    }
    if (status == DS_OK) winograd_restore_kernels(sums, outputs, inputs, dweight + group * outputs * shape->depth);
  }
  free(plan.in);
  free(plan.out);
  free(sums);
  free(pieces);
  return status;
}
