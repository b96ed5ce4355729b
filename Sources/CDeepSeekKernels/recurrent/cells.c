// LSTM and GRU cells: checks, and the choice of the kernel for type and instruction set.
#include "../views/variants.h"
#include "../views/views.h"
#include "activations.h"
#include "ds_recurrent.h"
#include "ds_threads.h"

enum { PIECE = 256 };  // columns at a time: the gates' values for them stay in the first-level cache

typedef enum role {
  GATES_X,
  GATES_H,
  PREVIOUS,
  H,
  C,
  SAVED,
  DH,
  DC,
  DGATES_X,
  DGATES_H,
  DPREVIOUS,
  ROLES
} role;

typedef struct cell_plan {
  int64_t width;
  struct {
    void *data;
    int64_t stride;  // elements from row to row
  } rows[ROLES];
} cell_plan;

#define FAMILY "../recurrent/cells.inc"
#include "../views/float_variants.inc"

typedef struct operand {
  role role;
  const ds_view *view;
  int64_t gates;  // its width is this many times the cell's
  bool optional, output;
} operand;

static ds_status run(const operand *operands, int32_t count, const ds_view *state, const ds_range_body bodies[4]) {
  ds_status status = dsv_check(state);
  if (status != DS_OK) return status;
  if (!dsv_is_float(state->dtype)) return DS_UNSUPPORTED_DTYPE;
  if (state->rank != 2) return DS_INVALID_SHAPE;
  int64_t batch = state->shape[0], width = state->shape[1], bytes = 0;
  if (width > INT64_MAX / 8) return DS_INVALID_SHAPE;
  cell_plan plan = {.width = width};
  for (int32_t i = 0; i < count; i++) {
    const ds_view *view = operands[i].view;
    if (view == NULL) {
      if (!operands[i].optional) return DS_INVALID_SHAPE;
      continue;
    }
    status = dsv_check(view);
    if (status != DS_OK) return status;
    if (view->dtype != state->dtype) return DS_UNSUPPORTED_DTYPE;
    if (view->rank != 2 || view->shape[0] != batch || view->shape[1] != operands[i].gates * width ||
        (batch > 0 && view->shape[1] > 1 && view->strides[1] != 1) ||
        (operands[i].output && batch > 1 && view->strides[0] < view->shape[1])) {
      return DS_INVALID_SHAPE;
    }
    plan.rows[operands[i].role].data = view->data;
    plan.rows[operands[i].role].stride = view->strides[0];
    bytes += view->shape[1] * dsv_element_size(view->dtype);
  }
  if (batch == 0 || width == 0) return DS_OK;
  // An element costs more than moving it: the activations are worth sharing sooner.
  ds_parallel_for(batch, dsv_grain(2 * bytes), bodies[state->dtype], &plan);
  return DS_OK;
}

#define COUNT(operands) (int32_t)(sizeof(operands) / sizeof((operands)[0]))

ds_status ds_lstm_cell(const ds_view *gates_x, const ds_view *gates_h, const ds_view *c_previous, const ds_view *h,
                       const ds_view *c, const ds_view *saved) {
  const operand operands[] = {{GATES_X, gates_x, 4, false, false}, {GATES_H, gates_h, 4, true, false},
                              {PREVIOUS, c_previous, 1, false, false}, {H, h, 1, false, true},
                              {C, c, 1, false, true}, {SAVED, saved, 4, true, true}};
  const ds_range_body bodies[4] = DSV_FLOAT_VARIANTS(lstm_rows);
  return run(operands, COUNT(operands), c_previous, bodies);
}

ds_status ds_lstm_cell_backward(const ds_view *saved, const ds_view *c_previous, const ds_view *c, const ds_view *dh,
                                const ds_view *dc, const ds_view *dgates, const ds_view *dc_previous) {
  const operand operands[] = {{SAVED, saved, 4, false, false}, {PREVIOUS, c_previous, 1, false, false},
                              {C, c, 1, false, false}, {DH, dh, 1, false, false}, {DC, dc, 1, true, false},
                              {DGATES_X, dgates, 4, false, true}, {DPREVIOUS, dc_previous, 1, false, true}};
  const ds_range_body bodies[4] = DSV_FLOAT_VARIANTS(lstm_back);
  return run(operands, COUNT(operands), c_previous, bodies);
}

ds_status ds_gru_cell(const ds_view *gates_x, const ds_view *gates_h, const ds_view *h_previous, const ds_view *h,
                      const ds_view *saved) {
  const operand operands[] = {{GATES_X, gates_x, 3, false, false}, {GATES_H, gates_h, 3, false, false},
                              {PREVIOUS, h_previous, 1, false, false}, {H, h, 1, false, true},
                              {SAVED, saved, 4, true, true}};
  const ds_range_body bodies[4] = DSV_FLOAT_VARIANTS(gru_rows);
  return run(operands, COUNT(operands), h_previous, bodies);
}

ds_status ds_gru_cell_backward(const ds_view *saved, const ds_view *h_previous, const ds_view *dh,
                               const ds_view *dgates_x, const ds_view *dgates_h, const ds_view *dh_previous) {
  const operand operands[] = {{SAVED, saved, 4, false, false}, {PREVIOUS, h_previous, 1, false, false},
                              {DH, dh, 1, false, false}, {DGATES_X, dgates_x, 3, false, true},
                              {DGATES_H, dgates_h, 3, false, true}, {DPREVIOUS, dh_previous, 1, false, true}};
  const ds_range_body bodies[4] = DSV_FLOAT_VARIANTS(gru_back);
  return run(operands, COUNT(operands), h_previous, bodies);
}
