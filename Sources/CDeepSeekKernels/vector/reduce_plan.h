// How a reduction is cut up: the dimensions that stay, the dimensions that go, and pieces of fixed size whose results are
// put together in a fixed order, whoever works them out. Internal to the kernels.
#ifndef DS_REDUCE_PLAN_H
#define DS_REDUCE_PLAN_H

#include "view_loop.h"

// An accumulator: a double for floats, an int64 for integers.
typedef union accumulator {
  double real;
  int64_t whole;
} accumulator;

typedef struct reduce_plan {
  merged kept, gone;  // of x alone; their products are the number of results and of elements in each
  const char *data;
  int32_t dtype;     // of x
  int32_t computed;  // DS_FLOAT32, DS_FLOAT64 or DS_INT64
} reduce_plan;

// Checks x, the axes and out's shape, and plans.
ds_status ds_reduce_plan(reduce_plan *plan, const ds_view *x, uint32_t axis_mask, const ds_view *out);

// Works out result k of `step` over the plan into results[k]; shifts[k] is what the step takes from its elements.
ds_status ds_reduce_run(const reduce_plan *plan, reduce_step step, const double *shifts, accumulator *results);

#endif
