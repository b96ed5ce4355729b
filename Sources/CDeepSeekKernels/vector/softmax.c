// The drivers of ds_softmax.h. Contiguous lines of float32 have loops of their own (softmax.inc); every other layout and
// dtype goes by blocks of the elementwise and reduction loops.
#include "ds_softmax.h"

#include "axis_lines.h"
#include "ds_threads.h"

typedef struct softmax_job {
  axis_lines x, dy;  // backward: x is y
  const char *data, *gradient;
  char *out;
  int32_t dtype, computed;
  bool logarithm;
  int64_t blocks;  // of up to BLOCK neighbouring lines
  const vector_table *loops;
} softmax_job;

// A float or a double in an array of the computed type.
static void set_real(const softmax_job *job, void *array, int64_t i, double value) {
  if (job->computed == DS_FLOAT64) {
    ((double *)array)[i] = value;
  } else {
    ((float *)array)[i] = (float)value;
  }
}

// A stretch of work: up to BLOCK elements, each with its own total (neighbouring lines), or all with one (one line).
typedef struct stretch {
  int64_t index, n;
  int64_t totals;  // 1, or n
} stretch;

// Stretch number i of task `task`; false past the last.
static bool next_stretch(const axis_lines *lines, int64_t blocks, int64_t task, int64_t i, stretch *s) {
  int64_t o = task / blocks, j0 = task % blocks * BLOCK;
  if (lines->inner > 1) {
    if (i >= lines->length) return false;
    s->index = axis_index(lines, o, i, j0);
    s->n = s->totals = lines->inner - j0 < BLOCK ? lines->inner - j0 : BLOCK;
  } else {
    int64_t k = i * BLOCK;
    if (k >= lines->length) return false;
    s->index = axis_index(lines, o, k, 0);
    s->n = lines->length - k < BLOCK ? lines->length - k : BLOCK;
    s->totals = 1;
  }
  return true;
}

static void reduce_stretch(const softmax_job *job, reduce_step step, const void *block, const stretch *s, double *totals,
                           const double *shifts) {
  const reduce_loops *loops = &job->loops->reduce->loops[step][job->computed];
  if (s->totals == 1) {
    totals[0] = loops->row(block, s->n, totals[0], shifts ? shifts[0] : 0);
  } else {
    loops->columns(block, 0, 1, s->n, totals, shifts);
  }
}

// How many totals a task has, and how many elements its widest stretch.
static int64_t task_totals(const softmax_job *job, int64_t task) {
  int64_t left = job->x.inner - task % job->blocks * BLOCK;
  return left < BLOCK ? left : BLOCK;
}
static int64_t task_width(const softmax_job *job, int64_t task) {
  if (job->x.inner > 1) return task_totals(job, task);
  return job->x.length < BLOCK ? job->x.length : BLOCK;
}

// Reduces all of a task's stretches into its totals.
static void reduce_task(const softmax_job *job, reduce_step step, int64_t task, double *totals, const double *shifts) {
  const axis_lines *x = &job->x;
  stretch s;
  if (x->inner > 1 && job->dtype == job->computed && x->m.rank == 1 && x->m.strides[0][0] == 1) {
    // Rows of neighbouring lines lie where they can be reduced several at a time, a float's worth of digits of them.
    enum { ROWS_AT_ONCE = 16 };
    const reduce_loops *loops = &job->loops->reduce->loops[step][job->computed];
    for (int64_t k = 0; next_stretch(x, job->blocks, task, k, &s); k += ROWS_AT_ONCE) {
      int64_t rows = x->length - k < ROWS_AT_ONCE ? x->length - k : ROWS_AT_ONCE;
      loops->columns(job->data + s.index * dtype_size(job->dtype), x->inner, rows, s.n, totals, shifts);
    }
    return;
  }
  block_buffer raw, buffer;
  for (int64_t i = 0; next_stretch(x, job->blocks, task, i, &s); i++) {
    const void *block = axis_load(x, job->data, job->dtype, job->computed, s.index, s.n, raw, buffer);
    reduce_stretch(job, step, block, &s, totals, shifts);
  }
}

// The totals as an array of the computed type with one entry for each element of a stretch.
static void spread(const softmax_job *job, int64_t task, const double *totals, void *array) {
  int64_t width = task_width(job, task);
  for (int64_t i = 0; i < width; i++) set_real(job, array, i, totals[job->x.inner > 1 ? i : 0]);
}

static void store(const softmax_job *job, const void *block, const stretch *s) {
  ds_convert_block(job->computed, block, job->dtype, job->out + s->index * dtype_size(job->dtype), s->n);
}

static void forward_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const softmax_job *job = context;
  const binary_loop *pairs = job->loops->binary[job->computed];
  block_buffer raw, buffer, shift, factor;
  double largest[BLOCK], sums[BLOCK];
  stretch s;
  for (int64_t task = begin; task < end; task++) {
    int64_t lines = task_totals(job, task);
    for (int64_t i = 0; i < lines; i++) largest[i] = -(double)INFINITY, sums[i] = 0;
    reduce_task(job, REDUCE_max, task, largest, NULL);
    reduce_task(job, REDUCE_exponentials, task, sums, largest);
    spread(job, task, largest, shift);
    for (int64_t i = 0; i < lines; i++) sums[i] = job->logarithm ? log(sums[i]) : 1 / sums[i];
    spread(job, task, sums, factor);
    for (int64_t i = 0; next_stretch(&job->x, job->blocks, task, i, &s); i++) {
      const void *x = axis_load(&job->x, job->data, job->dtype, job->computed, s.index, s.n, raw, buffer);
      pairs[DS_BINARY_SUBTRACT](x, shift, buffer, s.n);
      if (job->logarithm) {
        pairs[DS_BINARY_SUBTRACT](buffer, factor, buffer, s.n);
      } else {
        job->loops->unary[job->computed][DS_UNARY_EXP](buffer, buffer, s.n, NULL);
        pairs[DS_BINARY_MULTIPLY](buffer, factor, buffer, s.n);
      }
      store(job, buffer, &s);
    }
  }
}

static void backward_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const softmax_job *job = context;
  const binary_loop *pairs = job->loops->binary[job->computed];
  block_buffer raw_y, y_buffer, raw_dy, dy_buffer, work, shift;
  double totals[BLOCK];
  stretch s;
  for (int64_t task = begin; task < end; task++) {
    memset(totals, 0, sizeof totals);
    for (int64_t i = 0; next_stretch(&job->x, job->blocks, task, i, &s); i++) {
      const void *y = axis_load(&job->x, job->data, job->dtype, job->computed, s.index, s.n, raw_y, y_buffer);
      const void *dy = axis_load(&job->dy, job->gradient, job->dtype, job->computed, s.index, s.n, raw_dy, dy_buffer);
      if (!job->logarithm) {
        pairs[DS_BINARY_MULTIPLY](y, dy, work, s.n);
        dy = work;
      }
      reduce_stretch(job, REDUCE_sum, dy, &s, totals, NULL);
    }
    spread(job, task, totals, shift);
    for (int64_t i = 0; next_stretch(&job->x, job->blocks, task, i, &s); i++) {
      const void *y = axis_load(&job->x, job->data, job->dtype, job->computed, s.index, s.n, raw_y, y_buffer);
      const void *dy = axis_load(&job->dy, job->gradient, job->dtype, job->computed, s.index, s.n, raw_dy, dy_buffer);
      if (job->logarithm) {
        job->loops->unary[job->computed][DS_UNARY_EXP](y, work, s.n, NULL);
        pairs[DS_BINARY_MULTIPLY](work, shift, work, s.n);
        pairs[DS_BINARY_SUBTRACT](dy, work, work, s.n);
      } else {
        pairs[DS_BINARY_SUBTRACT](dy, shift, work, s.n);
        pairs[DS_BINARY_MULTIPLY](y, work, work, s.n);
      }
      store(job, work, &s);
    }
  }
}

static void rows_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const softmax_job *job = context;
  const softmax_table *loops = job->loops->softmax;
  int64_t n = job->x.length;
  for (int64_t row = begin; row < end; row++) {
    const float *x = (const float *)(const void *)job->data + ds_view_offset(&job->x.m, 0, row * n);
    float *out = (float *)(void *)job->out + row * n;
    if (job->gradient == NULL) {
      (job->logarithm ? loops->log_row : loops->row)(x, out, n);
    } else {
      const float *dy = (const float *)(const void *)job->gradient + ds_view_offset(&job->dy.m, 0, row * n);
      (job->logarithm ? loops->log_row_backward : loops->row_backward)(x, dy, out, n);
    }
  }
}

// Whether each line lies contiguously in memory.
static bool contiguous_lines(const axis_lines *lines, const ds_view *x, int32_t axis) {
  return lines->inner == 1 && (lines->length == 1 || x->strides[axis] == 1);
}

static ds_status run(const ds_view *x, const ds_view *dy, int32_t axis, const ds_view *out, bool logarithm) {
  if (!is_float(x->dtype) || out->dtype != x->dtype || (dy && dy->dtype != x->dtype)) return DS_UNSUPPORTED_DTYPE;
  softmax_job job = {.data = x->data, .gradient = dy ? dy->data : NULL, .out = out->data, .dtype = x->dtype,
                     .computed = computed_dtype(x->dtype), .logarithm = logarithm, .loops = vector_loops()};
  if (!axis_lines_plan(&job.x, x, axis) || !ds_view_valid(out) || !ds_view_same_shape(x, out)) return DS_INVALID_SHAPE;
  if (dy && (!axis_lines_plan(&job.dy, dy, axis) || !ds_view_same_shape(x, dy))) return DS_INVALID_SHAPE;
  if (!ds_view_contiguous(out)) return DS_INVALID_SHAPE;
  if (ds_view_count(x) == 0) return DS_OK;
  bool by_rows = x->dtype == DS_FLOAT32 && contiguous_lines(&job.x, x, axis) &&
                 (!dy || contiguous_lines(&job.dy, dy, axis));
  job.blocks = (job.x.inner + BLOCK - 1) / BLOCK;
  int64_t work = job.x.length * (job.x.inner < BLOCK ? job.x.inner : BLOCK);
  int64_t grain = (GRAIN_HEAVY + work - 1) / work;
  ds_range_body body = by_rows ? rows_range : dy ? backward_range : forward_range;
  ds_parallel_dynamic(job.x.outer * job.blocks, grain, body, &job);
  return DS_OK;
}

ds_status ds_softmax(const ds_view *x, int32_t axis, const ds_view *out) { return run(x, NULL, axis, out, false); }

ds_status ds_log_softmax(const ds_view *x, int32_t axis, const ds_view *out) { return run(x, NULL, axis, out, true); }

ds_status ds_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out) {
  return run(y, dy, axis, out, false);
}

ds_status ds_log_softmax_backward(const ds_view *y, const ds_view *dy, int32_t axis, const ds_view *out) {
  return run(y, dy, axis, out, true);
}
