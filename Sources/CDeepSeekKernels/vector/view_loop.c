#include "view_loop.h"

#include "ds_threads.h"
#include "../support/cache.h"

bool ds_view_valid(const ds_view *view) {
  if (view->rank < 0 || view->rank > DS_MAX_RANK || view->dtype < 0 || view->dtype >= DS_DTYPE_COUNT) return false;
  int64_t count = 1;
  for (int32_t i = 0; i < view->rank; i++) {
    if (view->shape[i] < 0 || __builtin_mul_overflow(count, view->shape[i], &count)) return false;
  }
  return true;
}

bool ds_view_same_shape(const ds_view *a, const ds_view *b) {
  if (a->rank != b->rank) return false;
  for (int32_t i = 0; i < a->rank; i++) {
    if (a->shape[i] != b->shape[i]) return false;
  }
  return true;
}

bool ds_view_contiguous(const ds_view *view) {
  int64_t expected = 1;
  for (int32_t i = view->rank - 1; i >= 0; i--) {
    if (view->shape[i] != 1 && view->strides[i] != expected) return ds_view_count(view) == 0;
    expected *= view->shape[i];
  }
  return true;
}

int64_t ds_view_count(const ds_view *view) {
  int64_t count = 1;
  for (int32_t i = 0; i < view->rank; i++) count *= view->shape[i];
  return count;
}

void ds_view_merge(merged *m, const ds_view *const views[], int32_t view_total) {
  m->rank = 0;
  m->count = ds_view_count(views[0]);
  for (int32_t d = 0; d < views[0]->rank; d++) {
    int64_t size = views[0]->shape[d];
    if (size == 1) continue;
    bool joins = m->rank > 0;
    for (int32_t v = 0; v < view_total && joins; v++) {
      joins = m->strides[v][m->rank - 1] == views[v]->strides[d] * size;
    }
    if (!joins) {
      m->shape[m->rank++] = 1;
    }
    m->shape[m->rank - 1] *= size;
    for (int32_t v = 0; v < view_total; v++) m->strides[v][m->rank - 1] = views[v]->strides[d];
  }
  if (m->rank == 0) {
    m->rank = 1;
    m->shape[0] = 1;
    for (int32_t v = 0; v < view_total; v++) m->strides[v][0] = 1;
  }
}

int64_t ds_view_offset(const merged *m, int32_t operand, int64_t index) {
  int64_t offset = 0;
  for (int32_t d = m->rank - 1; d > 0 && index != 0; d--) {
    int64_t next = index / m->shape[d];
    offset += (index - next * m->shape[d]) * m->strides[operand][d];
    index = next;
  }
  return offset + index * m->strides[operand][0];
}

#define ROW_COPY(T, TO, FROM)                                \
  {                                                          \
    T *out = to;                                             \
    const T *in = from;                                      \
    for (int64_t i = 0; i < n; i++) out[TO] = in[FROM];      \
    break;                                                   \
  }

void ds_view_gather_row(const void *from, int64_t stride, int64_t size, int64_t n, void *to) {
  if (stride == 1) {
    memcpy(to, from, (size_t)(n * size));
    return;
  }
  switch (size) {
    case 1: ROW_COPY(uint8_t, i, i * stride)
    case 2: ROW_COPY(bits16, i, i * stride)
    case 4: ROW_COPY(bits32, i, i * stride)
    default: ROW_COPY(bits64, i, i * stride)
  }
}

void ds_view_scatter_row(void *to, int64_t stride, int64_t size, int64_t n, const void *from) {
  if (stride == 1) {
    memcpy(to, from, (size_t)(n * size));
    return;
  }
  switch (size) {
    case 1: ROW_COPY(uint8_t, i * stride, i)
    case 2: ROW_COPY(bits16, i * stride, i)
    case 4: ROW_COPY(bits32, i * stride, i)
    default: ROW_COPY(bits64, i * stride, i)
  }
}

// Calls `row` for each stretch of the innermost dimension in begin ..< begin + n.
#define FOR_EACH_ROW(ROW)                                                                        \
  int64_t inner = m->shape[m->rank - 1], stride = m->strides[operand][m->rank - 1];              \
  int64_t column = begin % inner, index[DS_MAX_RANK], rest = begin / inner;                      \
  int64_t offset = column * stride;                                                              \
  for (int32_t d = m->rank - 2; d >= 0; d--) {                                                   \
    index[d] = rest % m->shape[d];                                                               \
    rest /= m->shape[d];                                                                         \
    offset += index[d] * m->strides[operand][d];                                                 \
  }                                                                                              \
  while (n > 0) {                                                                                \
    int64_t some = inner - column < n ? inner - column : n;                                      \
    ROW;                                                                                         \
    n -= some;                                                                                   \
    if (n <= 0) break;                                                                           \
    offset -= column * stride;                                                                   \
    column = 0;                                                                                  \
    for (int32_t d = m->rank - 2; d >= 0; d--) {                                                 \
      offset += m->strides[operand][d];                                                          \
      if (++index[d] < m->shape[d]) break;                                                       \
      offset -= index[d] * m->strides[operand][d];                                               \
      index[d] = 0;                                                                              \
    }                                                                                            \
  }

void ds_view_gather(const merged *m, int32_t operand, const void *data, int64_t size, int64_t begin, int64_t n, void *to) {
  char *out = to;
  FOR_EACH_ROW({
    ds_view_gather_row((const char *)data + offset * size, stride, size, some, out);
    out += some * size;
  })
}

void ds_view_scatter(const merged *m, int32_t operand, void *data, int64_t size, int64_t begin, int64_t n, const void *from) {
  const char *in = from;
  FOR_EACH_ROW({
    ds_view_scatter_row((char *)data + offset * size, stride, size, some, in);
    in += some * size;
  })
}

typedef struct map_job {
  merged m;
  int32_t inputs;
  const char *data[MAX_INPUTS];
  int32_t stored[MAX_INPUTS], computed[MAX_INPUTS];
  char *out;
  int32_t stored_out, computed_out;
  block_body body, streamed;
  const void *context;
} map_job;

// Elements begin ..< end, a block at a time: each operand by its own address where it can be, else by a buffer.
static void map_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const map_job *job = context;
  const merged *m = &job->m;
  block_buffer raw, buffers[MAX_INPUTS], result;
  int64_t inner = m->shape[m->rank - 1];
  // Rows worth a call of their own are not mixed with their neighbours, so that they can be used where they lie.
  bool by_row = inner >= 64;
  int64_t constant_row[MAX_INPUTS] = {-1, -1, -1, -1};  // the row whose one value fills the buffer
  for (int64_t i = begin; i < end;) {
    int64_t row = i / inner, n = end - i;
    if (by_row && n > inner - (i - row * inner)) n = inner - (i - row * inner);
    bool buffered = job->stored_out != job->computed_out;
    for (int32_t k = 0; k < job->inputs; k++) {
      buffered |= job->stored[k] != job->computed[k] || !by_row || m->strides[k][m->rank - 1] != 1;
    }
    if (buffered && n > BLOCK) n = BLOCK;
    const void *inputs[MAX_INPUTS];
    for (int32_t k = 0; k < job->inputs; k++) {
      int64_t size = dtype_size(job->stored[k]), stride = m->strides[k][m->rank - 1];
      bool same = job->stored[k] == job->computed[k];
      const void *from;
      if (by_row && stride == 1) {
        from = job->data[k] + ds_view_offset(m, k, i) * size;
      } else if (by_row && stride == 0) {
        inputs[k] = buffers[k];
        if (constant_row[k] == row) continue;
        constant_row[k] = row;
        int64_t fill = end - i < BLOCK ? end - i : BLOCK;
        if (fill > inner) fill = inner;
        void *to = same ? (void *)buffers[k] : (void *)raw;
        ds_view_gather_row(job->data[k] + ds_view_offset(m, k, i) * size, 0, size, fill, to);
        if (!same) ds_convert_block(job->stored[k], raw, job->computed[k], buffers[k], fill);
        continue;
      } else {
        void *to = same ? (void *)buffers[k] : (void *)raw;
        ds_view_gather(m, k, job->data[k], size, i, n, to);
        from = to;
      }
      if (same) {
        inputs[k] = from;
      } else {
        ds_convert_block(job->stored[k], from, job->computed[k], buffers[k], n);
        inputs[k] = buffers[k];
      }
    }
    char *out = job->out + i * dtype_size(job->stored_out);
    if (job->stored_out == job->computed_out) {
      job->body(job->context, inputs, out, n);
    } else {
      job->body(job->context, inputs, result, n);
      ds_convert_block(job->computed_out, result, job->stored_out, out, n);
    }
    i += n;
  }
}

// One dimension, nothing to convert: the inner loop takes a thread's whole share at once.
static void map_direct(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const map_job *job = context;
  const void *inputs[MAX_INPUTS];
  for (int32_t k = 0; k < job->inputs; k++) inputs[k] = job->data[k] + begin * dtype_size(job->stored[k]);
  job->body(job->context, inputs, job->out + begin * dtype_size(job->stored_out), end - begin);
}

// The same past the caches: whole lines by the loop that stores so, if there is one, else by blocks that pass the caches on
// their way out. The blocks are small, so that while one leaves, the processor already reads for the next.
enum { STREAM_BLOCK = 1024 };
static void map_streamed(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const map_job *job = context;
  char block[STREAM_BLOCK] __attribute__((aligned(CACHE_LINE)));
  int64_t size = dtype_size(job->stored_out), n;
  for (int64_t i = begin; i < end; i += n) {
    char *out = job->out + i * size;
    int64_t past_line = (int64_t)((uintptr_t)out % CACHE_LINE), whole = (end - i) * size / CACHE_LINE * CACHE_LINE / size;
    bool direct = job->streamed != NULL && past_line == 0 && whole > 0;
    n = direct ? whole : (int64_t)sizeof block / size;
    if (past_line > 0) n = (CACHE_LINE - past_line) / size;  // up to where a line begins
    n = end - i < n ? end - i : n;
    const void *inputs[MAX_INPUTS];
    for (int32_t k = 0; k < job->inputs; k++) inputs[k] = job->data[k] + i * dtype_size(job->stored[k]);
    if (past_line > 0) {
      job->body(job->context, inputs, out, n);
    } else if (direct) {
      job->streamed(job->context, inputs, out, n);
    } else {
      job->body(job->context, inputs, block, n);
      ds_stream(out, block, n * size);
    }
  }
  ds_finish_streams();
}

ds_status ds_view_map(int32_t inputs, const ds_view *const in[], const int32_t computed[], const ds_view *out,
                     int32_t computed_out, int64_t grain, block_body body, block_body streamed, const void *context) {
  if (!ds_view_valid(out) || !ds_view_contiguous(out)) return DS_INVALID_SHAPE;
  const ds_view *views[MAX_INPUTS + 1];
  bool direct = out->dtype == computed_out;
  for (int32_t k = 0; k < inputs; k++) {
    if (!ds_view_valid(in[k]) || !ds_view_same_shape(in[k], out)) return DS_INVALID_SHAPE;
    views[k] = in[k];
    direct = direct && in[k]->dtype == computed[k] && ds_view_contiguous(in[k]);
  }
  int64_t count = ds_view_count(out);
  if (count == 0) return DS_OK;
  if (direct && count <= grain) {  // a small tensor is done before a job could be described
    const void *data[MAX_INPUTS];
    for (int32_t k = 0; k < inputs; k++) data[k] = in[k]->data;
    body(context, data, out->data, count);
    return DS_OK;
  }
  views[inputs] = out;
  map_job job = {.inputs = inputs, .out = out->data, .stored_out = out->dtype, .computed_out = computed_out,
                 .body = body, .streamed = streamed, .context = context};
  for (int32_t k = 0; k < inputs; k++) {
    job.data[k] = in[k]->data;
    job.stored[k] = in[k]->dtype;
    job.computed[k] = computed[k];
  }
  if (direct) {
    // What is written over an input is in the cache already.
    int64_t bytes = count * dtype_size(out->dtype);
    bool in_place = false;
    for (int32_t k = 0; k < inputs; k++) {
      bytes += count * dtype_size(in[k]->dtype);
      in_place |= in[k]->data == out->data;
    }
    ds_parallel_dynamic(count, grain, !in_place && ds_exceeds_caches(bytes) ? map_streamed : map_direct, &job);
    return DS_OK;
  }
  ds_view_merge(&job.m, views, inputs + 1);
  ds_parallel_dynamic(count, grain, map_range, &job);
  return DS_OK;
}
