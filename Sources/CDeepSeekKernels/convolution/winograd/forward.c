// The forward pass: panels of 32 tiles are transformed, multiplied by the transformed kernels position by position, and
// transformed back, all in a core's second-level cache.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../views/views.h"
#include "../../ds_scratch.h"
#include "ds_threads.h"
#include "kernels.h"
#include "winograd.h"

enum {
  PANEL = GEMM_PANEL,      // tiles of a panel
  BLOCK_FLOATS = 1 << 17,  // of transformed tiles: half a megabyte
  MOST_PANELS = 4,         // of a block, over which a position's kernels are read once
  BLOCKS_A_THREAD = 4,     // at least, so that none is idle long at the end
};

typedef struct forward_plan {
  const dsv_convolution *shape;
  winograd_tiles tiles;
  const winograd_kernels *transforms;
  const gemm_kernels *kernels;
  const float *x, *bias;
  float *out;
  float *strips;                  // the transformed kernels, packed, for each group and position
  int64_t panels, blocks;         // panels of a block, blocks of a group
  int64_t in_stride, out_stride;  // from position to position of a panel
  atomic_bool failed;
} forward_plan;

// The range counts blocks of groups.
static void forward_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  forward_plan *plan = context;
  const dsv_convolution *shape = plan->shape;
  int64_t in_size = plan->panels * WINOGRAD_POSITIONS * plan->in_stride;
  int64_t out_size = plan->panels * WINOGRAD_POSITIONS * plan->out_stride;
  float *in = ds_scratch(DS_SCRATCH_CONVOLUTION, (size_t)(in_size + out_size) * sizeof(float)), *sums = in + in_size;
  if (in == NULL) {
    atomic_store(&plan->failed, true);
    return;
  }
  winograd_piece pieces[MOST_PANELS][PANEL];
  int64_t counts[MOST_PANELS];
  for (int64_t item = begin; item < end; item++) {
    int64_t group = item / plan->blocks, first = item % plan->blocks * plan->panels * PANEL;
    int64_t last = least(first + plan->panels * PANEL, plan->tiles.count), panels = ceiling(last - first, PANEL);
    const float *x = plan->x + group * shape->inputs * shape->in_plane;
    for (int64_t p = 0; p < panels; p++) {
      float *panel = in + p * WINOGRAD_POSITIONS * plan->in_stride;
      // Lanes without a tile are multiplied too; what they give does not matter, but it must not be slow.
      if ((p + 1) * PANEL > last - first) memset(panel, 0, (size_t)(WINOGRAD_POSITIONS * plan->in_stride) * sizeof(float));
      counts[p] = winograd_pieces(shape, &plan->tiles, first + p * PANEL, least(first + (p + 1) * PANEL, last),
                                  plan->transforms->lanes, pieces[p]);
      plan->transforms->input(pieces[p], counts[p], shape->inputs, x, shape->in[2], shape->in_plane, panel,
                              PANEL, plan->in_stride);
    }
    for (int64_t position = 0; position < WINOGRAD_POSITIONS; position++) {
      const float *strips = plan->strips + (group * WINOGRAD_POSITIONS + position) * shape->outputs * shape->inputs;
      for (int64_t p = 0; p < panels; p++) {
        int64_t at = p * WINOGRAD_POSITIONS + position;
        gemm_panel(plan->kernels, shape->outputs, PANEL, shape->inputs, strips, in + at * plan->in_stride,
                   sums + at * plan->out_stride, PANEL, false, NULL, NULL);
      }
    }
    for (int64_t p = 0; p < panels; p++) {
      plan->transforms->output(pieces[p], counts[p], shape->outputs, sums + p * WINOGRAD_POSITIONS * plan->out_stride, PANEL,
                               plan->out_stride, plan->bias != NULL ? plan->bias + group * shape->outputs : NULL,
                               plan->out + group * shape->outputs * shape->out_plane, shape->out[2], shape->out_plane);
    }
  }
}

ds_status winograd_convolve(const dsv_convolution *shape, bool mirrored, const float *x, const float *weight,
                            const float *bias, float *out) {
  int64_t outputs = shape->outputs, inputs = shape->inputs;
  forward_plan plan = {.shape = shape, .tiles = winograd_tiles_of(shape), .transforms = winograd_current_kernels(),
                       .kernels = gemm_current_kernels(), .x = x, .bias = bias, .out = out};
  plan.in_stride = inputs * PANEL + PANEL;
  plan.out_stride = outputs * PANEL + PANEL;
  int64_t panels = ceiling(plan.tiles.count, PANEL), threads = ds_thread_count();
  plan.panels = least(BLOCK_FLOATS / (WINOGRAD_POSITIONS * (plan.in_stride + plan.out_stride)), MOST_PANELS);
  plan.panels = least(plan.panels, panels * shape->groups / (BLOCKS_A_THREAD * threads));
  if (plan.panels < 1) plan.panels = 1;
  plan.blocks = ceiling(panels, plan.panels);
  plan.strips = dsv_allocate(shape->groups * WINOGRAD_POSITIONS * outputs * inputs, sizeof(float));
  if (plan.strips == NULL) return DS_OUT_OF_MEMORY;
  winograd_pack_kernels(plan.kernels, mirrored, shape->groups, outputs, inputs, weight, plan.strips);
  ds_parallel_for(shape->groups * plan.blocks, 1, forward_blocks, &plan);
  free(plan.strips);
  return atomic_load(&plan.failed) ? DS_OUT_OF_MEMORY : DS_OK;
}
