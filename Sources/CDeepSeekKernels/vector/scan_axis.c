// Kernels that go along one axis in order: the index of the extreme element, and cumulative operations.
#include "axis_lines.h"
#include "ds_reduce.h"
#include "ds_threads.h"

typedef struct axis_job {
  axis_lines lines;
  const char *data;
  char *out;
  int32_t dtype, computed, out_dtype, op;
  int64_t blocks;  // of up to BLOCK neighbouring lines
} axis_job;

// Whether x takes the place of the best so far: the first NaN does and keeps it.
#define BETTER(x, best, smallest) \
  ((best) == (best) && ((x) != (x) || ((smallest) ? (x) < (best) : (x) > (best))))

// Element k of neighbouring lines against the best so far, and their indices.
#define ARG_COLUMNS(T)                                                                         \
  {                                                                                            \
    const T *x = block;                                                                        \
    T *best = (T *)(void *)best_of_lines;                                                                   \
    for (int64_t j = 0; j < width; j++) {                                                      \
      if (k == 0 || BETTER(x[j], best[j], smallest)) best[j] = x[j], at[j] = k;                \
    }                                                                                          \
    break;                                                                                     \
  }
// A stretch of one line: elements k … of it.
#define ARG_LINE(T)                                                                            \
  {                                                                                            \
    const T *x = block;                                                                        \
    T best = k == 0 ? x[0] : *(T *)(void *)best_of_lines;                                              \
    for (int64_t i = 0; i < n; i++) {                                                          \
      if (BETTER(x[i], best, smallest)) best = x[i], at[0] = k + i;                            \
    }                                                                                          \
    *(T *)(void *)best_of_lines = best;                                                                \
    break;                                                                                     \
  }

// float32: the largest by vectors first, then a search for where it is only if it beats what was there.
static void arg_line_f32(const vector_table *loops, const float *x, int64_t n, int64_t k, float *best, int64_t *at) {
  if (k > 0 && *best != *best) return;
  float largest = loops->reduce->largest_f32(x, n);
  if (k > 0 && !BETTER(largest, *best, false)) return;
  *best = largest;
  int64_t i = 0;
  while (i < n && !(largest != largest ? x[i] != x[i] : x[i] == largest)) i++;
  *at = k + i;
}

static void arg_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const axis_job *job = context;
  const axis_lines *lines = &job->lines;
  const vector_table *loops = vector_loops();
  bool smallest = job->op == DS_ARGMIN;
  block_buffer raw, buffer, best_of_lines;
  for (int64_t task = begin; task < end; task++) {
    int64_t o = task / job->blocks, j0 = task % job->blocks * BLOCK;
    int64_t width = lines->inner - j0 < BLOCK ? lines->inner - j0 : BLOCK;
    int64_t *at = (int64_t *)(void *)job->out + o * lines->inner + j0;
    memset(at, 0, (size_t)width * sizeof *at);
    if (lines->inner > 1) {
      for (int64_t k = 0; k < lines->length; k++) {
        const void *block = axis_load(lines, job->data, job->dtype, job->computed, axis_index(lines, o, k, j0), width,
                                      raw, buffer);
        switch (job->computed) {
          case DS_FLOAT32: ARG_COLUMNS(float)
          case DS_FLOAT64: ARG_COLUMNS(double)
          default: ARG_COLUMNS(int64_t)
        }
      }
    } else {
      for (int64_t k = 0; k < lines->length; k += BLOCK) {
        int64_t n = lines->length - k < BLOCK ? lines->length - k : BLOCK;
        const void *block = axis_load(lines, job->data, job->dtype, job->computed, axis_index(lines, o, k, 0), n, raw,
                                      buffer);
        if (job->computed == DS_FLOAT32 && !smallest) {
          arg_line_f32(loops, block, n, k, (float *)(void *)best_of_lines, at);
          continue;
        }
        switch (job->computed) {
          case DS_FLOAT32: ARG_LINE(float)
          case DS_FLOAT64: ARG_LINE(double)
          default: ARG_LINE(int64_t)
        }
      }
    }
  }
}

ds_status ds_arg_reduce(ds_arg_op op, const ds_view *x, int32_t axis, const ds_view *out) {
  if ((uint32_t)x->dtype >= ARITHMETIC_TYPES || out->dtype != DS_INT64) return DS_UNSUPPORTED_DTYPE;
  axis_job job = {.data = x->data, .out = out->data, .dtype = x->dtype, .op = op};
  if (!axis_lines_plan(&job.lines, x, axis) || !ds_view_valid(out) || out->rank != x->rank) return DS_INVALID_SHAPE;
  for (int32_t d = 0; d < x->rank; d++) {
    if (out->shape[d] != (d == axis ? 1 : x->shape[d])) return DS_INVALID_SHAPE;
  }
  if (!ds_view_contiguous(out)) return DS_INVALID_SHAPE;
  if (job.lines.outer * job.lines.inner == 0) return DS_OK;
  if (job.lines.length == 0) return DS_INVALID_SHAPE;
  job.computed = is_float(x->dtype) ? computed_dtype(x->dtype) : DS_INT64;
  job.blocks = (job.lines.inner + BLOCK - 1) / BLOCK;
  int64_t width = job.lines.inner < BLOCK ? job.lines.inner : BLOCK;
  int64_t work = job.lines.length * width;
  ds_parallel_for(job.lines.outer * job.blocks, (GRAIN_LIGHT + work - 1) / work, arg_range, &job);
  return DS_OK;
}

// The step from one total to the next.
static inline double real_step(int32_t op, double a, double x) {
  switch (op) {
    case DS_CUMULATIVE_SUM:
      return a + x;
    case DS_CUMULATIVE_PRODUCT:
      return a * x;
    case DS_CUMULATIVE_MAX:
      return a != a || a > x ? a : x;
    default:
      return a != a || a < x ? a : x;
  }
}
static inline int64_t whole_step(int32_t op, int64_t a, int64_t x) {
  switch (op) {
    case DS_CUMULATIVE_SUM:
      return (int64_t)((uint64_t)a + (uint64_t)x);
    case DS_CUMULATIVE_PRODUCT:
      return (int64_t)((uint64_t)a * (uint64_t)x);
    case DS_CUMULATIVE_MAX:
      return a > x ? a : x;
    default:
      return a < x ? a : x;
  }
}

// float32 lines that lie one after another: four at a time, so that four chains of additions run beside each other, and
// four elements of each, turned so that a vector holds one element of every line.
enum { TOGETHER = 4 };
// Vectors wider than a register would be passed in memory, were these functions not inlined.
#pragma clang diagnostic ignored "-Wpsabi"
typedef float four __attribute__((ext_vector_type(TOGETHER)));
typedef double wide_four __attribute__((ext_vector_type(TOGETHER)));

static inline __attribute__((always_inline)) wide_four four_steps(int32_t op, wide_four a, wide_four x) {
  switch (op) {
    case DS_CUMULATIVE_SUM:
      return a + x;
    case DS_CUMULATIVE_PRODUCT:
      return a * x;
    case DS_CUMULATIVE_MAX:
      return ((a != a) | (a > x)) ? a : x;
    default:
      return ((a != a) | (a < x)) ? a : x;
  }
}

static inline void turn_four(four v[TOGETHER]) {
  four a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5), b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
  four c = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5), d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  v[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  v[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

static inline __attribute__((always_inline)) void cumulate_four(int32_t op, const float *x, float *y, int64_t length) {
  // What leaves the first element as it is; -0 even keeps its sign.
  double start = op == DS_CUMULATIVE_SUM       ? -0.0
                 : op == DS_CUMULATIVE_PRODUCT ? 1.0
                 : op == DS_CUMULATIVE_MAX     ? -(double)INFINITY
                                               : (double)INFINITY;
  wide_four total = start;
  int64_t k = 0;
  for (; k + TOGETHER <= length; k += TOGETHER) {
    four v[TOGETHER];
    for (int r = 0; r < TOGETHER; r++) memcpy(&v[r], x + r * length + k, sizeof v[r]);
    turn_four(v);
    for (int e = 0; e < TOGETHER; e++) {
      total = four_steps(op, total, __builtin_convertvector(v[e], wide_four));
      v[e] = __builtin_convertvector(total, four);
    }
    turn_four(v);
    for (int r = 0; r < TOGETHER; r++) memcpy(y + r * length + k, &v[r], sizeof v[r]);
  }
  for (; k < length; k++) {
    four v;
    for (int r = 0; r < TOGETHER; r++) v[r] = x[r * length + k];
    total = four_steps(op, total, __builtin_convertvector(v, wide_four));
    v = __builtin_convertvector(total, four);
    for (int r = 0; r < TOGETHER; r++) y[r * length + k] = v[r];
  }
}

// Lines by fours; true when the job's lines are such.
static bool lies_by_lines(const axis_job *job) {
  const axis_lines *lines = &job->lines;
  return lines->inner == 1 && job->dtype == DS_FLOAT32 && job->out_dtype == DS_FLOAT32 && lines->m.rank == 1 &&
         (lines->m.strides[0][0] == 1 || lines->m.count == 1);
}
static void cumulate_lines(const axis_job *job, int64_t line) {
  int64_t length = job->lines.length;
  const float *x = (const float *)(const void *)job->data + line * length;
  float *y = (float *)(void *)job->out + line * length;
  switch (job->op) {
    case DS_CUMULATIVE_SUM:
      cumulate_four(DS_CUMULATIVE_SUM, x, y, length);
      break;
    case DS_CUMULATIVE_PRODUCT:
      cumulate_four(DS_CUMULATIVE_PRODUCT, x, y, length);
      break;
    case DS_CUMULATIVE_MAX:
      cumulate_four(DS_CUMULATIVE_MAX, x, y, length);
      break;
    default:
      cumulate_four(DS_CUMULATIVE_MIN, x, y, length);
  }
}

static void cumulative_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const axis_job *job = context;
  const axis_lines *lines = &job->lines;
  bool whole = job->computed == DS_INT64;
  int64_t out_size = dtype_size(job->out_dtype);
  block_buffer raw, buffer, results;
  double *reals = (double *)(void *)results;
  int64_t *wholes = (int64_t *)(void *)results;
  if (lies_by_lines(job)) {
    for (; begin + TOGETHER <= end; begin += TOGETHER) cumulate_lines(job, begin);
  }
  for (int64_t task = begin; task < end; task++) {
    int64_t o = task / job->blocks, j0 = task % job->blocks * BLOCK;
    int64_t width = lines->inner - j0 < BLOCK ? lines->inner - j0 : BLOCK;
    if (lines->inner > 1) {
      for (int64_t k = 0; k < lines->length; k++) {
        int64_t index = axis_index(lines, o, k, j0);
        const void *block = axis_load(lines, job->data, job->dtype, job->computed, index, width, raw, buffer);
        for (int64_t j = 0; j < width; j++) {
          if (whole) {
            int64_t x = ((const int64_t *)block)[j];
            wholes[j] = k == 0 ? x : whole_step(job->op, wholes[j], x);
          } else {
            double x = ((const double *)block)[j];
            reals[j] = k == 0 ? x : real_step(job->op, reals[j], x);
          }
        }
        ds_convert_block(job->computed, results, job->out_dtype, job->out + index * out_size, width);
      }
      continue;
    }
    double real = 0;
    int64_t integer = 0;
    for (int64_t k = 0; k < lines->length; k += BLOCK) {
      int64_t index = axis_index(lines, o, k, 0), n = lines->length - k < BLOCK ? lines->length - k : BLOCK;
      const void *block = axis_load(lines, job->data, job->dtype, job->computed, index, n, raw, buffer);
      for (int64_t i = 0; i < n; i++) {
        if (whole) {
          int64_t x = ((const int64_t *)block)[i];
          wholes[i] = integer = k + i == 0 ? x : whole_step(job->op, integer, x);
        } else {
          double x = ((const double *)block)[i];
          reals[i] = real = k + i == 0 ? x : real_step(job->op, real, x);
        }
      }
      ds_convert_block(job->computed, results, job->out_dtype, job->out + index * out_size, n);
    }
  }
}

ds_status ds_cumulative(ds_cumulative_op op, const ds_view *x, int32_t axis, const ds_view *out) {
  if ((uint32_t)x->dtype >= ARITHMETIC_TYPES || (uint32_t)out->dtype >= ARITHMETIC_TYPES) return DS_UNSUPPORTED_DTYPE;
  axis_job job = {.data = x->data, .out = out->data, .dtype = x->dtype, .out_dtype = out->dtype, .op = op};
  if (!axis_lines_plan(&job.lines, x, axis) || !ds_view_valid(out) || !ds_view_same_shape(x, out)) {
    return DS_INVALID_SHAPE;
  }
  if (!ds_view_contiguous(out)) return DS_INVALID_SHAPE;
  if (ds_view_count(x) == 0) return DS_OK;
  job.computed = is_float(x->dtype) ? DS_FLOAT64 : DS_INT64;
  job.blocks = (job.lines.inner + BLOCK - 1) / BLOCK;
  int64_t width = job.lines.inner < BLOCK ? job.lines.inner : BLOCK, work = job.lines.length * width;
  ds_parallel_for(job.lines.outer * job.blocks, (GRAIN_HEAVY + work - 1) / work, cumulative_range, &job);
  return DS_OK;
}
