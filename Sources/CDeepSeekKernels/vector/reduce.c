// The drivers of ds_reduce.h's reductions: which steps an operation takes, and what it makes of their results.
#include "ds_reduce.h"

#include <stdlib.h>

#include "reduce_plan.h"

enum { FEW_RESULTS = 64 };  // that fit on the stack

// Converts the accumulators to out's dtype.
static void store_results(const reduce_plan *plan, const accumulator *results, const ds_view *out) {
  int32_t from = plan->computed == DS_INT64 ? DS_INT64 : DS_FLOAT64;
  ds_convert_block(from, results, out->dtype, out->data, plan->kept.count);
}

static ds_status reduce_into(ds_reduce_op op, const reduce_plan *plan, accumulator *results) {
  static const reduce_step steps[DS_REDUCE_COUNT] = {
      [DS_REDUCE_SUM] = REDUCE_sum,         [DS_REDUCE_PRODUCT] = REDUCE_product,
      [DS_REDUCE_MEAN] = REDUCE_sum,        [DS_REDUCE_MAX] = REDUCE_max,
      [DS_REDUCE_MIN] = REDUCE_min,         [DS_REDUCE_ANY] = REDUCE_nonzero,
      [DS_REDUCE_ALL] = REDUCE_nonzero,     [DS_REDUCE_SUM_SQUARES] = REDUCE_squares,
      [DS_REDUCE_LOGSUMEXP] = REDUCE_max};
  int64_t count = plan->kept.count;
  bool whole = plan->computed == DS_INT64;
  ds_status status = ds_reduce_run(plan, steps[op], NULL, results);
  if (status != DS_OK) return status;
  if (op == DS_REDUCE_MEAN) {
    for (int64_t k = 0; k < count; k++) results[k].real /= (double)plan->gone.count;
  } else if (op == DS_REDUCE_ANY || op == DS_REDUCE_ALL) {
    int64_t least = op == DS_REDUCE_ANY ? 1 : plan->gone.count;
    for (int64_t k = 0; k < count; k++) {
      if (whole) {
        results[k].whole = results[k].whole >= least;
      } else {
        results[k].real = results[k].real >= (double)least;
      }
    }
  } else if (op == DS_REDUCE_LOGSUMEXP) {
    accumulator *sums = malloc((size_t)count * sizeof(accumulator));
    if (sums == NULL) return DS_OUT_OF_MEMORY;
    status = ds_reduce_run(plan, REDUCE_exponentials, &results->real, sums);
    for (int64_t k = 0; k < count; k++) {
      // An infinite maximum, or NaN, is the result itself.
      if (fabs(results[k].real) < (double)INFINITY) results[k].real += log(sums[k].real);
    }
    free(sums);
  }
  return status;
}

ds_status ds_reduce(ds_reduce_op op, const ds_view *x, uint32_t axis_mask, const ds_view *out) {
  reduce_plan plan;
  ds_status status = ds_reduce_plan(&plan, x, axis_mask, out);
  if (status != DS_OK) return status;
  bool asks = op == DS_REDUCE_ANY || op == DS_REDUCE_ALL;
  bool adds = op == DS_REDUCE_SUM || op == DS_REDUCE_PRODUCT || op == DS_REDUCE_SUM_SQUARES;
  bool needs_float = op == DS_REDUCE_MEAN || op == DS_REDUCE_LOGSUMEXP;
  if ((uint32_t)op >= DS_REDUCE_COUNT || (uint32_t)out->dtype >= ARITHMETIC_TYPES) return DS_UNSUPPORTED_DTYPE;
  if (asks ? out->dtype != DS_BOOL : !adds && out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  if (needs_float && !is_float(x->dtype)) return DS_UNSUPPORTED_DTYPE;
  int64_t count = plan.kept.count;
  if (count == 0) return DS_OK;
  if (plan.gone.count == 0 && (op == DS_REDUCE_MAX || op == DS_REDUCE_MIN)) return DS_INVALID_SHAPE;
  accumulator few[FEW_RESULTS], *results = few;
  if (count > FEW_RESULTS && (results = malloc((size_t)count * sizeof(accumulator))) == NULL) return DS_OUT_OF_MEMORY;
  status = reduce_into(op, &plan, results);
  if (status == DS_OK) store_results(&plan, results, out);
  if (results != few) free(results);
  return status;
}

ds_status ds_variance(const ds_view *x, uint32_t axis_mask, double correction, const ds_view *out) {
  reduce_plan plan;
  ds_status status = ds_reduce_plan(&plan, x, axis_mask, out);
  if (status != DS_OK) return status;
  if (!is_float(x->dtype) || out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  int64_t count = plan.kept.count;
  if (count == 0) return DS_OK;
  accumulator few[2 * FEW_RESULTS], *means = few;
  if (count > FEW_RESULTS && (means = malloc(2 * (size_t)count * sizeof(accumulator))) == NULL) return DS_OUT_OF_MEMORY;
  accumulator *sums = means + count;
  // A mean that is off by a float's rounding would add its error's square to every term.
  status = ds_reduce_run(&plan, REDUCE_exact_sum, NULL, means);
  for (int64_t k = 0; k < count; k++) means[k].real /= (double)plan.gone.count;
  if (status == DS_OK) status = ds_reduce_run(&plan, REDUCE_deviations, &means->real, sums);
  if (status == DS_OK) {
    double divisor = (double)plan.gone.count - correction;
    for (int64_t k = 0; k < count; k++) sums[k].real = divisor > 0 ? sums[k].real / divisor : (double)NAN;
    store_results(&plan, sums, out);
  }
  if (means != few) free(means);
  return status;
}

ds_status ds_sum_squares(const ds_view *x, double *result) {
  if (!is_float(x->dtype)) return DS_UNSUPPORTED_DTYPE;
  *result = 0;
  ds_view out = {.data = result, .dtype = DS_FLOAT64, .rank = x->rank};
  for (int32_t d = 0; d < x->rank && d < DS_MAX_RANK; d++) out.shape[d] = out.strides[d] = 1;
  return ds_reduce(DS_REDUCE_SUM_SQUARES, x, x->rank > 0 && x->rank <= DS_MAX_RANK ? (1u << x->rank) - 1 : 0, &out);
}
