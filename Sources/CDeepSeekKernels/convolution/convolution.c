// The entry points: shapes are checked, operands made contiguous and, for halves, widened; then the algorithm is chosen.
#include <stdlib.h>

#include "../views/views.h"
#include "ds_threads.h"
#include "shape.h"

typedef struct widen_plan {
  const uint16_t *halves;
  float *wide;
  uint16_t *out;
  bool brain;
} widen_plan;

static void widen(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const widen_plan *plan = context;
  for (int64_t i = begin; i < end; i++) {
    plan->wide[i] = plan->brain ? dsv_load_bfloat16(plan->halves[i]) : dsv_load_float16(plan->halves[i]);
  }
}

static void narrow(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const widen_plan *plan = context;
  for (int64_t i = begin; i < end; i++) {
    plan->out[i] = plan->brain ? dsv_store_bfloat16(plan->wide[i]) : dsv_store_float16(plan->wide[i]);
  }
}

static bool is_half(int32_t dtype) { return dtype == DS_FLOAT16 || dtype == DS_BFLOAT16; }

// The view's elements, contiguous, float64 as they are and all else as float32. A NULL view gives NULL data.
static ds_status operand(const ds_view *view, const void **data, void **owned) {
  *data = *owned = NULL;
  if (view == NULL) return DS_OK;
  ds_status status = dsv_pack(view, data, owned);
  if (status != DS_OK || !is_half(view->dtype)) return status;
  int64_t count = dsv_count(view);
  widen_plan plan = {.halves = *data, .wide = dsv_allocate(count, sizeof(float)), .brain = view->dtype == DS_BFLOAT16};
  if (plan.wide != NULL) ds_parallel_for(count, dsv_grain(sizeof(float)), widen, &plan);
  free(*owned);
  *data = *owned = plan.wide;
  return plan.wide == NULL ? DS_OUT_OF_MEMORY : DS_OK;
}

typedef enum direction { FORWARD, TRANSPOSED, WEIGHT_GRADIENT } direction;

// a and b are the direction's two operands: x and weight, y and weight, or x and dy.
static ds_status compute(direction way, const dsv_convolution *shape, int32_t dtype, const void *a, const void *b,
                         const void *bias, void *out) {
  bool depthwise = shape->inputs == 1 && shape->groups > 1;
  if (dtype == DS_FLOAT64) {
    if (way == FORWARD) dsv_convolve64(shape, a, b, bias, out);
    if (way == TRANSPOSED) dsv_convolve64_transposed(shape, a, b, bias, out);
    if (way == WEIGHT_GRADIENT) dsv_convolve64_weight(shape, a, b, out);
    return DS_OK;
  }
  switch (way) {
    case FORWARD:
      return depthwise ? dsv_depthwise(shape, a, b, bias, out) : dsv_convolve(shape, a, b, bias, out);
    case TRANSPOSED:
      // With stride 1 and one output to a group, the mirrored kernel's forward pass is the faster of the two.
      if (depthwise && !(shape->outputs == 1 && shape->stride[2] == 1)) {
        return dsv_depthwise_transposed(shape, a, b, bias, out);
      }
      return dsv_convolve_transposed(shape, a, b, bias, out);
    default:
      return depthwise ? dsv_depthwise_weight(shape, a, b, out) : dsv_convolve_weight(shape, a, b, out);
  }
}

// out = 0, or each plane its channel's bias: what is left of a convolution that sums nothing.
static ds_status fill_with_bias(const ds_view *bias, const ds_view *out) {
  if (bias == NULL) {
    memset(out->data, 0, (size_t)(dsv_count(out) * dsv_element_size(out->dtype)));
    return DS_OK;
  }
  ds_view spread = *out;
  spread.data = bias->data;
  for (int32_t i = 0; i < out->rank; i++) spread.strides[i] = i == 1 ? bias->strides[0] : 0;
  return dsv_copy_view(&spread, out);
}

static ds_status run(direction way, const ds_view *large, const ds_view *weight, const ds_view *small,
                     const ds_view *bias, const ds_window *window, int64_t groups) {
  const ds_view *a = way == TRANSPOSED ? small : large, *b = way == WEIGHT_GRADIENT ? small : weight;
  const ds_view *out = way == FORWARD ? small : way == TRANSPOSED ? large : weight;
  ds_status status = dsv_check(a);
  if (status == DS_OK) status = dsv_check(b);
  if (status == DS_OK && bias != NULL) status = dsv_check(bias);
  if (status == DS_OK) status = dsv_check_output(out);
  if (status != DS_OK) return status;
  int32_t dtype = out->dtype;
  if (!dsv_is_float(dtype) || a->dtype != dtype || b->dtype != dtype || (bias != NULL && bias->dtype != dtype)) {
    return DS_UNSUPPORTED_DTYPE;
  }
  dsv_convolution shape;
  status = dsv_convolution_check(&shape, large, weight, small, window, groups);
  if (status != DS_OK) return status;
  if (bias != NULL && (bias->rank != 1 || bias->shape[0] != out->shape[1])) return DS_INVALID_SHAPE;
  int64_t count = dsv_count(out);
  if (count == 0) return DS_OK;
  if (dsv_count(a) == 0 || dsv_count(b) == 0) return fill_with_bias(bias, out);

  const void *a_data, *b_data = NULL, *bias_data = NULL;
  void *a_owned, *b_owned = NULL, *bias_owned = NULL, *wide = NULL;
  status = operand(a, &a_data, &a_owned);
  if (status == DS_OK) status = operand(b, &b_data, &b_owned);
  if (status == DS_OK) status = operand(bias, &bias_data, &bias_owned);
  if (status == DS_OK && is_half(dtype)) {
    wide = dsv_allocate(count, sizeof(float));
    if (wide == NULL) status = DS_OUT_OF_MEMORY;
  }
  if (status == DS_OK) status = compute(way, &shape, dtype, a_data, b_data, bias_data, wide != NULL ? wide : out->data);
  if (status == DS_OK && wide != NULL) {
    widen_plan plan = {.wide = wide, .out = out->data, .brain = dtype == DS_BFLOAT16};
    ds_parallel_for(count, dsv_grain(sizeof(float)), narrow, &plan);
  }
  free(a_owned);
  free(b_owned);
  free(bias_owned);
  free(wide);
  return status;
}

ds_status ds_convolution(const ds_view *x, const ds_view *weight, const ds_view *bias, const ds_window *window,
                         int64_t groups, const ds_view *out) {
  return run(FORWARD, x, weight, out, bias, window, groups);
}

ds_status ds_convolution_transposed(const ds_view *y, const ds_view *weight, const ds_view *bias,
                                    const ds_window *window, int64_t groups, const ds_view *out) {
  return run(TRANSPOSED, out, weight, y, bias, window, groups);
}

ds_status ds_convolution_weight_gradient(const ds_view *x, const ds_view *dy, const ds_window *window, int64_t groups,
                                         const ds_view *dweight) {
  return run(WEIGHT_GRADIENT, x, dweight, dy, NULL, window, groups);
}
