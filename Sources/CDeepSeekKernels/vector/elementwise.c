// The drivers of ds_elementwise.h: they check, choose the loop, and leave the walking to view_loop.c.
#include "ds_elementwise.h"

#include "ds_threads.h"
#include "view_loop.h"

static bool unary_gives_bool(ds_unary_op op) { return op >= DS_UNARY_LOGICAL_NOT && op <= DS_UNARY_IS_FINITE; }
static bool binary_gives_bool(ds_binary_op op) { return op >= DS_BINARY_EQUAL && op <= DS_BINARY_LOGICAL_XOR; }
// What only moves memory; the others compute enough to be shared in smaller pieces.
static int64_t unary_grain(ds_unary_op op) { return op <= DS_UNARY_RECIPROCAL ? GRAIN_LIGHT : GRAIN_HEAVY; }
static int64_t binary_grain(ds_binary_op op) {
  return op >= DS_BINARY_DIVIDE && op <= DS_BINARY_ATAN2 && op != DS_BINARY_DIVIDE ? GRAIN_HEAVY : GRAIN_LIGHT;
}

typedef struct unary_job {
  unary_loop loop;
  const double *parameters;
} unary_job;
static void run_unary(const void *context, const void *const in[], void *out, int64_t n) {
  const unary_job *job = context;
  job->loop(in[0], out, n, job->parameters);
}

ds_status ds_unary(ds_unary_op op, const ds_view *x, const double *parameters, const ds_view *out) {
  if ((uint32_t)op >= DS_UNARY_COUNT || (uint32_t)x->dtype >= ARITHMETIC_TYPES) return DS_UNSUPPORTED_DTYPE;
  if (out->dtype != (unary_gives_bool(op) ? DS_BOOL : x->dtype)) return DS_UNSUPPORTED_DTYPE;
  bool rounding = op >= DS_UNARY_FLOOR && op <= DS_UNARY_TRUNC;
  if (rounding && x->dtype >= DS_INT8 && x->dtype <= DS_INT64) {  // whole already
    return ds_view_contiguous(out) ? ds_cast(x, out) : DS_INVALID_SHAPE;
  }
  int32_t computed = computed_dtype(x->dtype);
  static const double none[2];
  unary_job job = {vector_loops()->unary[computed][op], parameters ? parameters : none};
  if (job.loop == NULL) return DS_UNSUPPORTED_DTYPE;
  return ds_view_map(1, &x, &computed, out, unary_gives_bool(op) ? DS_BOOL : computed, unary_grain(op), run_unary, NULL, &job);
}

typedef struct slope_job {
  slope_loop loop;
  const double *parameters;
} slope_job;
static void run_slope(const void *context, const void *const in[], void *out, int64_t n) {
  const slope_job *job = context;
  job->loop(in[0], in[1], out, n, job->parameters);
}

ds_status ds_unary_backward(ds_unary_op op, const ds_view *x_or_y, const ds_view *dy, const double *parameters,
                            const ds_view *out) {
  if ((uint32_t)op >= DS_UNARY_COUNT || !is_float(x_or_y->dtype)) return DS_UNSUPPORTED_DTYPE;
  if (dy->dtype != x_or_y->dtype || out->dtype != x_or_y->dtype) return DS_UNSUPPORTED_DTYPE;
  int32_t type = computed_dtype(x_or_y->dtype), computed[2] = {type, type};
  static const double none[2];
  slope_job job = {vector_loops()->slope[type][op], parameters ? parameters : none};
  if (job.loop == NULL) return DS_UNSUPPORTED_DTYPE;
  const ds_view *in[2] = {x_or_y, dy};
  return ds_view_map(2, in, computed, out, type, unary_grain(op), run_slope, NULL, &job);
}

typedef struct binary_job {
  binary_loop loop, streamed;
} binary_job;
static void run_binary(const void *context, const void *const in[], void *out, int64_t n) {
  ((const binary_job *)context)->loop(in[0], in[1], out, n);
}
static void run_binary_streamed(const void *context, const void *const in[], void *out, int64_t n) {
  ((const binary_job *)context)->streamed(in[0], in[1], out, n);
}

ds_status ds_binary(ds_binary_op op, const ds_view *x, const ds_view *y, const ds_view *out) {
  if ((uint32_t)op >= DS_BINARY_COUNT || (uint32_t)x->dtype >= ARITHMETIC_TYPES) return DS_UNSUPPORTED_DTYPE;
  if (y->dtype != x->dtype || out->dtype != (binary_gives_bool(op) ? DS_BOOL : x->dtype)) return DS_UNSUPPORTED_DTYPE;
  int32_t type = computed_dtype(x->dtype), computed[2] = {type, type};
  const vector_table *loops = vector_loops();
  binary_job job = {loops->binary[type][op], type == DS_FLOAT32 ? loops->binary_streamed[op] : NULL};
  if (job.loop == NULL) return DS_UNSUPPORTED_DTYPE;
  const ds_view *in[2] = {x, y};
  return ds_view_map(2, in, computed, out, binary_gives_bool(op) ? DS_BOOL : type, binary_grain(op), run_binary,
                     job.streamed != NULL ? run_binary_streamed : NULL, &job);
}

// A choice moves bits, whatever they mean: one loop for each element size.
#define CHOOSE(T)                                                                          \
  {                                                                                        \
    const T *x = in[1], *y = in[2];                                                        \
    T *to = out;                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                      \
      T chosen = x[i], other = y[i];                                                       \
      to[i] = condition[i] ? chosen : other;                                               \
    }                                                                                      \
    break;                                                                                 \
  }
static void run_where(const void *context, const void *const in[], void *out, int64_t n) {
  const uint8_t *condition = in[0];
  switch (*(const int64_t *)context) {
    case 1: CHOOSE(uint8_t)
    case 2: CHOOSE(bits16)
    case 4: CHOOSE(bits32)
    default: CHOOSE(bits64)
  }
}

ds_status ds_where(const ds_view *condition, const ds_view *x, const ds_view *y, const ds_view *out) {
  if (condition->dtype != DS_BOOL || x->dtype != y->dtype || x->dtype != out->dtype) return DS_UNSUPPORTED_DTYPE;
  if ((uint32_t)out->dtype >= DS_DTYPE_COUNT) return DS_UNSUPPORTED_DTYPE;
  int64_t size = dtype_size(out->dtype);
  const ds_view *in[3] = {condition, x, y};
  const int32_t computed[3] = {DS_BOOL, x->dtype, x->dtype};
  return ds_view_map(3, in, computed, out, out->dtype, GRAIN_LIGHT, run_where, NULL, &size);
}

typedef struct fill_job {
  merged m;
  char *data;
  int64_t size;
  block_buffer pattern;
} fill_job;
static void fill_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const fill_job *job = context;
  for (int64_t i = begin; i < end; i += BLOCK) {
    ds_view_scatter(&job->m, 0, job->data, job->size, i, end - i < BLOCK ? end - i : BLOCK, job->pattern);
  }
}

ds_status ds_fill(const ds_view *out, const void *element) {
  if (!ds_view_valid(out)) return DS_INVALID_SHAPE;
  int64_t count = ds_view_count(out);
  if (count == 0) return DS_OK;
  fill_job job;
  job.data = out->data;
  job.size = dtype_size(out->dtype);
  ds_view_merge(&job.m, &out, 1);
  for (int64_t i = 0; i < (count < BLOCK ? count : BLOCK); i++) {
    memcpy(job.pattern + i * job.size, element, (size_t)job.size);
  }
  ds_parallel_for(count, 4 * GRAIN_LIGHT, fill_range, &job);
  return DS_OK;
}

typedef struct arange_job {
  char *data;
  int32_t dtype;
  double start, step;
  bool whole;  // start and step are integers that int64 holds
} arange_job;
static void arange_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const arange_job *job = context;
  if (job->whole && job->dtype == DS_INT64) {
    uint64_t start = (uint64_t)(int64_t)job->start, step = (uint64_t)(int64_t)job->step;
    for (int64_t i = begin; i < end; i++) ((int64_t *)(void *)job->data)[i] = (int64_t)(start + (uint64_t)i * step);
    return;
  }
  double values[BLOCK];
  for (int64_t i = begin; i < end; i += BLOCK) {
    int64_t n = end - i < BLOCK ? end - i : BLOCK;
    for (int64_t k = 0; k < n; k++) values[k] = job->start + (double)(i + k) * job->step;
    ds_convert_block(DS_FLOAT64, values, job->dtype, job->data + i * dtype_size(job->dtype), n);
  }
}

ds_status ds_arange(const ds_view *out, double start, double step) {
  if (!ds_view_valid(out) || !ds_view_contiguous(out)) return DS_INVALID_SHAPE;
  if (out->dtype >= DS_BOOL) return DS_UNSUPPORTED_DTYPE;
  bool fits = fabs(start) < 0x1p62 && fabs(step) < 0x1p62;
  arange_job job = {out->data, out->dtype, start, step, fits && trunc(start) == start && trunc(step) == step};
  ds_parallel_for(ds_view_count(out), GRAIN_HEAVY, arange_range, &job);
  return DS_OK;
}

typedef struct accumulate_job {
  const vector_table *loops;
  bool wide;
  double scale;
} accumulate_job;
static void run_accumulate(const void *context, const void *const in[], void *out, int64_t n) {
  const accumulate_job *job = context;
  // The old values are input 1: the output itself, or, for the 16-bit floats, the output converted to a buffer.
  if (job->wide) {
    if (in[1] != out) memcpy(out, in[1], (size_t)n * sizeof(double));
    job->loops->accumulate_f64(in[0], out, n, job->scale);
  } else {
    if (in[1] != out) memcpy(out, in[1], (size_t)n * sizeof(float));
    job->loops->accumulate_f32(in[0], out, n, (float)job->scale);
  }
}

ds_status ds_accumulate(const ds_view *x, const ds_view *out, double scale) {
  if (!is_float(x->dtype) || out->dtype != x->dtype) return DS_UNSUPPORTED_DTYPE;
  int32_t type = computed_dtype(x->dtype), computed[2] = {type, type};
  accumulate_job job = {vector_loops(), type == DS_FLOAT64, scale};
  const ds_view *in[2] = {x, out};
  return ds_view_map(2, in, computed, out, type, GRAIN_LIGHT, run_accumulate, NULL, &job);
}
