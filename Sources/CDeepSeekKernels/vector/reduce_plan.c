#include "reduce_plan.h"

#include <stdlib.h>

#include "ds_threads.h"

enum {
  // Elements of a piece. A reduction is shared among threads by pieces when its results are too few to share.
  PIECE = 32768,
  // Rows that are summed in float32 lanes before they go into a double.
  ROWS_AT_ONCE = 16,
  // Results side by side in memory from which whole rows of them are reduced together, and how many at the most: their
  // doubles stay in the first-level cache.
  FEWEST_COLUMNS = 8,
  MOST_COLUMNS = 2048,
  // Pieces of a reduction by columns at the most: each leaves a row of results to add.
  MOST_PIECES = 32
};

ds_status ds_reduce_plan(reduce_plan *plan, const ds_view *x, uint32_t axis_mask, const ds_view *out) {
  if ((uint32_t)x->dtype >= ARITHMETIC_TYPES) return DS_UNSUPPORTED_DTYPE;
  if (!ds_view_valid(x) || !ds_view_valid(out) || out->rank != x->rank) return DS_INVALID_SHAPE;
  if (!ds_view_contiguous(out) || axis_mask >> x->rank != 0) return DS_INVALID_SHAPE;
  ds_view kept = {.dtype = x->dtype}, gone = {.dtype = x->dtype};
  for (int32_t d = 0; d < x->rank; d++) {
    bool goes = axis_mask >> d & 1;
    if (out->shape[d] != (goes ? 1 : x->shape[d])) return DS_INVALID_SHAPE;
    ds_view *view = goes ? &gone : &kept;
    view->shape[view->rank] = x->shape[d];
    view->strides[view->rank++] = x->strides[d];
  }
  // Sums don't mind the order of the dimensions: the one that runs through memory goes inside.
  for (int32_t i = 1; i < gone.rank; i++) {
    for (int32_t k = i; k > 0 && llabs(gone.strides[k - 1]) < llabs(gone.strides[k]); k--) {
      int64_t shape = gone.shape[k], stride = gone.strides[k];
      gone.shape[k] = gone.shape[k - 1], gone.strides[k] = gone.strides[k - 1];
      gone.shape[k - 1] = shape, gone.strides[k - 1] = stride;
    }
  }
  const ds_view *view = &kept;
  ds_view_merge(&plan->kept, &view, 1);
  view = &gone;
  ds_view_merge(&plan->gone, &view, 1);
  plan->data = x->data;
  plan->dtype = x->dtype;
  plan->computed = !is_float(x->dtype) ? DS_INT64 : computed_dtype(x->dtype);
  return DS_OK;
}

static int64_t whole_step(reduce_step step, int64_t a, int64_t x) {
  switch (step) {
    case REDUCE_sum:
    case REDUCE_exact_sum:
      return (int64_t)((uint64_t)a + (uint64_t)x);
    case REDUCE_squares:
      return (int64_t)((uint64_t)a + (uint64_t)x * (uint64_t)x);
    case REDUCE_nonzero:
      return a + (x != 0);
    case REDUCE_product:
      return (int64_t)((uint64_t)a * (uint64_t)x);
    case REDUCE_max:
      return x > a ? x : a;
    default:
      return x < a ? x : a;
  }
}
static int64_t whole_row(reduce_step step, const int64_t *x, int64_t n, int64_t total) {
  for (int64_t i = 0; i < n; i++) total = whole_step(step, total, x[i]);
  return total;
}
static void whole_columns(reduce_step step, const int64_t *x, int64_t n, accumulator *totals) {
  for (int64_t i = 0; i < n; i++) totals[i].whole = whole_step(step, totals[i].whole, x[i]);
}

static accumulator identity(reduce_step step, bool whole) {
  accumulator a = {.whole = 0};
  if (whole) {
    a.whole = step == REDUCE_product ? 1 : step == REDUCE_max ? INT64_MIN : step == REDUCE_min ? INT64_MAX : 0;
  } else {
    a.real = step == REDUCE_product ? 1
             : step == REDUCE_max   ? -(double)INFINITY
             : step == REDUCE_min   ? (double)INFINITY
                                    : 0;
  }
  return a;
}

// Two pieces' results as one.
static accumulator join(reduce_step step, bool whole, accumulator a, accumulator b) {
  if (whole) {
    bool adds = step == REDUCE_squares || step == REDUCE_nonzero;
    a.whole = whole_step(adds ? REDUCE_sum : step, a.whole, b.whole);
  } else if (step == REDUCE_product) {
    a.real *= b.real;
  } else if (step == REDUCE_max) {
    if (b.real > a.real || b.real != b.real) a = b;
  } else if (step == REDUCE_min) {
    if (b.real < a.real || b.real != b.real) a = b;
  } else {
    a.real += b.real;
  }
  return a;
}

typedef struct reduce_job {
  const reduce_plan *plan;
  reduce_step step;
  const double *shifts;
  accumulator *results;  // of each piece and result: pieces outside
  reduce_loops loops;
  bool whole;
  int64_t columns;       // results that a task works out together
  int64_t tasks_across;  // tasks side by side
  int64_t pieces;
  int64_t piece_length;  // elements of each result in a piece
} reduce_job;

// Elements begin ..< begin + n of one result, as contiguous blocks of the computed type.
static void reduce_row(const reduce_job *job, int64_t result, int64_t begin, int64_t n, accumulator *total) {
  const reduce_plan *plan = job->plan;
  const merged *gone = &plan->gone;
  int64_t size = dtype_size(plan->dtype), inner = gone->shape[gone->rank - 1];
  const char *base = plan->data + ds_view_offset(&plan->kept, 0, result) * size;
  bool direct = plan->dtype == plan->computed && gone->strides[0][gone->rank - 1] == 1 && inner >= 64;
  double shift = job->shifts ? job->shifts[result] : 0;
  block_buffer raw, converted;
  while (n > 0) {
    int64_t some = n;
    const void *block;
    if (direct) {
      int64_t left = begin == 0 ? inner : inner - begin % inner;
      if (some > left) some = left;
      block = base + (begin == 0 ? 0 : ds_view_offset(gone, 0, begin)) * size;
    } else {
      if (some > BLOCK) some = BLOCK;
      ds_view_gather(gone, 0, base, size, begin, some, raw);
      block = raw;
      if (plan->dtype != plan->computed) {
        ds_convert_block(plan->dtype, raw, plan->computed, converted, some);
        block = converted;
      }
    }
    if (job->whole) {
      total->whole = whole_row(job->step, block, some, total->whole);
    } else {
      total->real = job->loops.row(block, some, total->real, shift);
    }
    begin += some;
    n -= some;
  }
}

// The same for `width` results that lie side by side.
static void reduce_columns(const reduce_job *job, int64_t result, int64_t width, int64_t begin, int64_t n,
                           accumulator *totals) {
  const reduce_plan *plan = job->plan;
  const merged *gone = &plan->gone;
  int64_t size = dtype_size(plan->dtype), inner = gone->shape[gone->rank - 1];
  int64_t stride = gone->strides[0][gone->rank - 1];
  const char *base = plan->data + ds_view_offset(&plan->kept, 0, result) * size;
  const double *shifts = job->shifts ? job->shifts + result : NULL;
  while (n > 0) {
    const char *rows = base + ds_view_offset(gone, 0, begin) * size;
    int64_t some = inner - begin % inner;
    some = some < n ? some : n;
    some = some < ROWS_AT_ONCE ? some : ROWS_AT_ONCE;
    if (plan->dtype == plan->computed && !job->whole) {
      job->loops.columns(rows, stride, some, width, &totals->real, shifts);
    } else {
      block_buffer converted;
      for (int64_t r = 0; r < some; r++) {
        const void *row = rows + r * stride * size;
        if (plan->dtype != plan->computed) {
          ds_convert_block(plan->dtype, row, plan->computed, converted, width);
          row = converted;
        }
        if (job->whole) {
          whole_columns(job->step, row, width, totals);
        } else {
          job->loops.columns(row, 0, 1, width, &totals->real, shifts);
        }
      }
    }
    begin += some;
    n -= some;
  }
}

// Whether each result is one whole row, as it lies, and the rows are evenly apart: then finding them takes no division, which
// for short rows costs as much as the sums.
static bool is_plain(const reduce_job *job) {
  const merged *kept = &job->plan->kept, *gone = &job->plan->gone;
  return job->columns == 1 && job->pieces == 1 && !job->whole && job->plan->dtype == job->plan->computed && kept->rank == 1 &&
         gone->rank == 1 && gone->strides[0][0] == 1;
}

static void reduce_plain_rows(const reduce_job *job, int64_t begin, int64_t end) {
  const reduce_plan *plan = job->plan;
  int64_t stride = plan->kept.strides[0][0] * dtype_size(plan->dtype), count = plan->gone.count;
  const row_loop row = job->loops.row;
  const double start = identity(job->step, false).real;
  for (int64_t k = begin; k < end; k++) {
    job->results[k].real = row(plan->data + k * stride, count, start, job->shifts ? job->shifts[k] : 0);
  }
}

static void reduce_tasks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const reduce_job *job = context;
  if (is_plain(job)) {
    reduce_plain_rows(job, begin, end);
    return;
  }
  const merged *kept = &job->plan->kept;
  int64_t inner = kept->shape[kept->rank - 1], count = job->plan->gone.count;
  for (int64_t task = begin; task < end; task++) {
    int64_t piece = task / job->tasks_across, across = task % job->tasks_across;
    int64_t first = piece * job->piece_length, n = count - first;
    n = n < job->piece_length ? n : job->piece_length;
    accumulator *results = job->results + piece * kept->count;
    if (job->columns == 1) {
      results[across] = identity(job->step, job->whole);
      reduce_row(job, across, first, n, &results[across]);
    } else {
      int64_t blocks = (inner + job->columns - 1) / job->columns;
      int64_t column = across % blocks * job->columns, result = across / blocks * inner + column;
      int64_t width = inner - column < job->columns ? inner - column : job->columns;
      for (int64_t j = 0; j < width; j++) results[result + j] = identity(job->step, job->whole);
      reduce_columns(job, result, width, first, n, results + result);
    }
  }
}

// Puts the pieces' results together in their order: piece by piece, as they lie in memory.
static void join_pieces(const reduce_job *job, int64_t count, accumulator *results) {
  bool adds = !job->whole && (job->step == REDUCE_sum || job->step == REDUCE_squares || job->step == REDUCE_exact_sum ||
                              job->step == REDUCE_deviations);
  memcpy(results, job->results, (size_t)count * sizeof *results);
  for (int64_t piece = 1; piece < job->pieces; piece++) {
    const accumulator *next = job->results + piece * count;
    if (adds) {
      for (int64_t k = 0; k < count; k++) results[k].real += next[k].real;
    } else {
      for (int64_t k = 0; k < count; k++) results[k] = join(job->step, job->whole, results[k], next[k]);
    }
  }
}

ds_status ds_reduce_run(const reduce_plan *plan, reduce_step step, const double *shifts, accumulator *results) {
  const merged *kept = &plan->kept, *gone = &plan->gone;
  bool whole = plan->computed == DS_INT64;
  int64_t inner = kept->shape[kept->rank - 1];
  reduce_job job = {.plan = plan, .step = step, .shifts = shifts, .results = results, .whole = whole};
  if (!whole) job.loops = vector_loops()->reduce->loops[step][plan->computed];
  // Down the columns where the results lie side by side and the elements of one don't.
  bool by_columns = kept->strides[0][kept->rank - 1] == 1 && inner >= FEWEST_COLUMNS &&
                    (gone->strides[0][gone->rank - 1] != 1 || gone->count == 1);
  // What has to be converted goes through a buffer of BLOCK elements.
  int64_t most = plan->dtype == plan->computed && !whole ? MOST_COLUMNS : BLOCK;
  job.columns = by_columns ? (inner < most ? inner : most) : 1;
  job.tasks_across = by_columns ? kept->count / inner * ((inner + job.columns - 1) / job.columns) : kept->count;
  // The pieces depend on the shape alone, so that the sums don't depend on the threads.
  job.piece_length = PIECE / job.columns;
  if (by_columns && job.piece_length < gone->count / MOST_PIECES) job.piece_length = gone->count / MOST_PIECES;
  job.pieces = (gone->count + job.piece_length - 1) / job.piece_length;
  if (job.pieces <= 1 || kept->count > PIECE) {
    job.pieces = 1;
    job.piece_length = gone->count;
  } else {
    job.results = malloc((size_t)(job.pieces * kept->count) * sizeof(accumulator));
    if (job.results == NULL) return DS_OUT_OF_MEMORY;
  }
  int64_t work = job.columns * (job.piece_length < 1 ? 1 : job.piece_length);
  int64_t grain = step == REDUCE_exponentials ? GRAIN_HEAVY : GRAIN_LIGHT;
  ds_parallel_for(job.tasks_across * job.pieces, (grain + work - 1) / work, reduce_tasks, &job);
  if (job.results != results) {
    join_pieces(&job, kept->count, results);
    free(job.results);
  }
  return DS_OK;
}
