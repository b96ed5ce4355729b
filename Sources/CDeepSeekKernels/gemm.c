// The float32 product: how each cell of the grid of threads is cut into blocks for the caches.
#include "ds_gemm.h"

#include <stdatomic.h>

#include "ds_scratch.h"
#include "ds_threads.h"
#include "gemm_grid.h"
#include "gemm_internal.h"

typedef struct product {
  const gemm_kernels *kernels;
  const gemm_blocking *blocking;
  bool transpose_a, transpose_b, packed;
  int64_t m, n, k;
  float alpha, beta;
  const float *a, *b;  // b: panels when `packed`
  float *c;
  int64_t lda, ldb, ldc;
  const ds_epilogue *epilogue;
} product;

static void finish(const product *p, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  ds_epilogue e = gemm_epilogue_at(p->epilogue, row, column);
  p->kernels->finish(rows, columns, p->c + row * p->ldc + column, p->ldc, &e);
}

static void scale(float *c, int64_t ldc, int64_t rows, int64_t columns, float beta) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
  }
}

// What is left of a product whose sums are empty.
static void run_empty_sum(const product *p, const gemm_cell *part) {
  int64_t rows = part->row_end - part->row, columns = part->column_end - part->column;
  scale(p->c + part->row * p->ldc + part->column, p->ldc, rows, columns, p->beta);
  if (p->epilogue != NULL) finish(p, part->row, part->column, rows, columns);
}

// Rows `row` ..< `row_end` of C times one panel of B, for one block of depth.
static void run_panel(const product *p, int64_t row, int64_t row_end, int64_t column, int64_t columns, int64_t depth,
                      const float *a, const float *b, const float *next, bool first, bool last) {
  int64_t rows = row_end - row;
  float *c = p->c + row * p->ldc + column;
  if (first && p->beta != 0.0f && p->beta != 1.0f) scale(c, p->ldc, rows, columns, p->beta);
  bool finishes = last && p->epilogue != NULL;
  ds_epilogue e = {0};
  if (finishes) e = gemm_epilogue_at(p->epilogue, row, column);
  gemm_panel(p->kernels, rows, columns, depth, a, b, c, p->ldc, !first || p->beta != 0.0f, next, finishes ? &e : NULL);
}

static void pack_a_block(const product *p, int64_t row, int64_t row_end, int64_t k, int64_t depth, float *packed) {
  const float *a = p->transpose_a ? p->a + k * p->lda + row : p->a + row * p->lda + k;
  p->kernels->pack_a(p->transpose_a, row_end - row, depth, p->alpha, a, p->lda, p->m - row, packed);
}

// Up to so many rows, B is streamed from where it lies instead of being packed; and so many columns at a time, so that
// the sums stay in the first-level cache.
enum { FEW_ROWS = 8, STREAM_COLUMNS = 1024 };

static bool is_streamed(const product *p, int64_t height) {
  return !p->packed && !p->transpose_b && height <= FEW_ROWS && height <= p->kernels->rows;
}

static ds_status run_streamed(const product *p, const gemm_cell *part) {
  int64_t rows = part->row_end - part->row;
  int64_t layers = ceiling(p->k, p->blocking->depth), deepest = ceiling(p->k, layers);
  float *a = ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(rows * deepest + GEMM_STRIP_PADDING) * sizeof(float));
  float *sums = ds_scratch(DS_SCRATCH_GEMM_B, (size_t)(rows * STREAM_COLUMNS) * sizeof(float));
  if (a == NULL || sums == NULL) return DS_OUT_OF_MEMORY;
  for (int64_t layer = 0; layer < layers; layer++) {
    int64_t k = border(p->k, layers, layer), depth = border(p->k, layers, layer + 1) - k;
    pack_a_block(p, part->row, part->row_end, k, depth, a);
    for (int64_t column = part->column; column < part->column_end; column += STREAM_COLUMNS) {
      int64_t columns = least(STREAM_COLUMNS, part->column_end - column);
      int64_t stride = ceiling(columns, GEMM_PANEL) * GEMM_PANEL;
      for (int64_t i = 0; i < rows * stride; i++) sums[i] = 0.0f;
      p->kernels->stream((int32_t)rows, columns, depth, a, p->b + k * p->ldb + column, p->ldb, sums, stride);
      for (int64_t i = 0; i < rows; i++) {
        const float *sum = sums + i * stride;
        float *c = p->c + (part->row + i) * p->ldc + column;
        if (layer == 0 && p->beta != 0.0f && p->beta != 1.0f) scale(c, p->ldc, 1, columns, p->beta);
        bool accumulate = layer > 0 || p->beta != 0.0f;
        for (int64_t j = 0; j < columns; j++) c[j] = accumulate ? c[j] + sum[j] : sum[j];
      }
      if (layer == layers - 1 && p->epilogue != NULL) finish(p, part->row, column, rows, columns);
    }
  }
  return DS_OK;
}

// Few rows by a packed B, panel after panel, as B lies in memory.
static ds_status run_few_rows(const product *p, const gemm_cell *part) {
  int64_t rows = part->row_end - part->row, layers = ceiling(p->k, p->blocking->depth);
  float *a = ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(rows * p->k + GEMM_STRIP_PADDING) * sizeof(float));
  if (a == NULL) return DS_OUT_OF_MEMORY;
  for (int64_t layer = 0; layer < layers; layer++) {
    int64_t k = border(p->k, layers, layer);
    pack_a_block(p, part->row, part->row_end, k, border(p->k, layers, layer + 1) - k, a + rows * k);
  }
  _Alignas(64) float sums[GEMM_FEW_ROWS * GEMM_PANEL];
  for (int64_t column = part->column; column < part->column_end; column += GEMM_PANEL) {
    int64_t columns = least(GEMM_PANEL, part->column_end - column);
    float *c = p->c + part->row * p->ldc + column;
    if (p->beta != 0.0f && p->beta != 1.0f) scale(c, p->ldc, rows, columns, p->beta);
    for (int64_t layer = 0; layer < layers; layer++) {
      int64_t k = border(p->k, layers, layer), depth = border(p->k, layers, layer + 1) - k;
      p->kernels->few[rows](depth, a + rows * k, p->b + column * p->k + k * GEMM_PANEL, sums);
      bool accumulate = layer > 0 || p->beta != 0.0f;
      for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
          float sum = sums[i * GEMM_PANEL + j];
          c[i * p->ldc + j] = accumulate ? c[i * p->ldc + j] + sum : sum;
        }
      }
    }
    if (p->epilogue != NULL) finish(p, part->row, column, rows, columns);
  }
  return DS_OK;
}

static ds_status run_cell(const product *p, const gemm_cell *part) {
  int64_t height = part->row_end - part->row, width = part->column_end - part->column;
  if (height <= 0 || width <= 0) return DS_OK;
  if (p->k == 0) {
    run_empty_sum(p, part);
    return DS_OK;
  }
  if (is_streamed(p, height)) return run_streamed(p, part);
  if (p->packed && height <= GEMM_FEW_ROWS) return run_few_rows(p, part);
  const gemm_blocking *blocking = p->blocking;
  int64_t layers = ceiling(p->k, blocking->depth), deepest = ceiling(p->k, layers);
  int64_t blocks = ceiling(height, blocking->rows), tallest = ceiling(height, blocks);
  int64_t widest = p->packed ? width : least(width, blocks == 1 ? blocking->narrow_columns : blocking->columns);
  int64_t panels = ceiling(widest, GEMM_PANEL);

  float *a = ds_scratch(DS_SCRATCH_GEMM_A, (size_t)(tallest * deepest + GEMM_STRIP_PADDING) * sizeof(float));
  float *b = p->packed ? NULL : ds_scratch(DS_SCRATCH_GEMM_B, (size_t)(panels * GEMM_PANEL * deepest) * sizeof(float));
  if (a == NULL || (b == NULL && !p->packed)) return DS_OUT_OF_MEMORY;

  for (int64_t layer = 0; layer < layers; layer++) {
    int64_t k = border(p->k, layers, layer), depth = border(p->k, layers, layer + 1) - k;
    for (int64_t left = part->column; left < part->column_end; left += widest) {
      int64_t right = least(left + widest, part->column_end);
      const float *panel = b;
      int64_t panel_stride = depth * GEMM_PANEL;
      if (p->packed) {
        panel_stride = p->k * GEMM_PANEL;
        panel = p->b + left / GEMM_PANEL * panel_stride + k * GEMM_PANEL;
      } else {
        const float *from = p->transpose_b ? p->b + left * p->ldb + k : p->b + k * p->ldb + left;
        p->kernels->pack_b(p->transpose_b, depth, right - left, from, p->ldb, b, panel_stride);
      }
      for (int64_t block = 0; block < blocks; block++) {
        int64_t row = part->row + border(height, blocks, block);
        int64_t row_end = part->row + border(height, blocks, block + 1);
        if (blocks > 1 || left == part->column) pack_a_block(p, row, row_end, k, depth, a);
        for (int64_t column = left; column < right; column += GEMM_PANEL) {
          int64_t index = (column - left) / GEMM_PANEL;
          const float *next = column + GEMM_PANEL < right ? panel + (index + 1) * panel_stride : panel;
          run_panel(p, row, row_end, column, least(GEMM_PANEL, right - column), depth, a, panel + index * panel_stride,
                    next, layer == 0, layer == layers - 1);
        }
      }
    }
  }
  return DS_OK;
}

// The multiplications that it takes as long to pack (or, packed before, to read) one element.
enum { PACK_A_COST = 10, PACK_B_COST = 16, READ_B_COST = 8 };

typedef struct batch {
  product item;  // of index zero
  int32_t rank;
  const int64_t *shape, *a_strides, *b_strides, *c_strides;
  gemm_work work;  // of each
  gemm_grid grid;
  atomic_int status;
} batch;

static void run_cells(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  batch *all = context;
  int64_t cells = all->grid.rows * all->grid.columns;
  for (int64_t index = begin; index < end; index++) {
    product item = all->item;
    int64_t place = index / cells;
    for (int32_t axis = all->rank - 1; axis >= 0; axis--) {
      int64_t at = place % all->shape[axis];
      place /= all->shape[axis];
      if (item.k > 0) {
        item.a += at * all->a_strides[axis];
        item.b += at * all->b_strides[axis];
      }
      item.c += at * all->c_strides[axis];
    }
    gemm_cell part = gemm_grid_cell(&all->work, all->grid, index % cells);
    ds_status status = run_cell(&item, &part);
    if (status != DS_OK) atomic_store(&all->status, status);
  }
}

static bool short_row(int64_t stride, int64_t row, int64_t rows) { return rows > 0 && stride < row; }

static ds_status check(const product *p) {
  if (p->m < 0 || p->n < 0 || p->k < 0) return DS_INVALID_SHAPE;
  if (p->transpose_a ? short_row(p->lda, p->m, p->k) : short_row(p->lda, p->k, p->m)) return DS_INVALID_SHAPE;
  if (!p->packed &&
      (p->transpose_b ? short_row(p->ldb, p->k, p->n) : short_row(p->ldb, p->n, p->k))) return DS_INVALID_SHAPE;
  if (short_row(p->ldc, p->n, p->m)) return DS_INVALID_SHAPE;
  const ds_epilogue *e = p->epilogue;
  if (e == NULL) return DS_OK;
  if (e->activation < DS_ACTIVATION_NONE || e->activation > DS_ACTIVATION_SIGMOID) return DS_INVALID_SHAPE;
  if (e->preactivation != NULL && short_row(e->preactivation_stride, p->n, p->m)) return DS_INVALID_SHAPE;
  if (e->residual != NULL && short_row(e->residual_stride, p->n, p->m)) return DS_INVALID_SHAPE;
  return DS_OK;
}

static ds_status run(batch *all) {
  product *p = &all->item;
  ds_status status = check(p);
  if (status != DS_OK) return status;
  if (p->alpha == 0.0f) p->k = 0;
  int64_t count = 1;
  for (int32_t axis = 0; axis < all->rank; axis++) {
    if (all->shape[axis] < 0 || __builtin_mul_overflow(count, all->shape[axis], &count)) return DS_INVALID_SHAPE;
  }
  if (count == 0 || p->m == 0 || p->n == 0) return DS_OK;

  // A whole batch that meets one B, rows following on rows, is one tall product.
  while (all->rank > 0 && all->b_strides[all->rank - 1] == 0 && !p->transpose_a &&
         all->a_strides[all->rank - 1] == p->m * p->lda && all->c_strides[all->rank - 1] == p->m * p->ldc) {
    int64_t repeated = all->shape[--all->rank];
    p->m *= repeated;
    count /= repeated;
  }
  p->kernels = gemm_current_kernels();
  p->blocking = gemm_current_blocking();
  int64_t threads = ds_thread_count();
  all->work = (gemm_work){.rows = p->m, .columns = p->n, .depth = p->k, .a_cost = PACK_A_COST,
                          .b_cost = p->packed ? READ_B_COST : PACK_B_COST, .block_rows = p->packed ? p->blocking->rows : 0};
  all->grid = gemm_choose_grid(&all->work, ceiling(threads, count));
  int64_t cells = all->grid.rows * all->grid.columns;
  // Many small products: enough of them to a thread that starting it pays.
  double cost = ((double)p->m * (double)p->n + (double)(p->m * PACK_A_COST) + (double)(p->n * PACK_B_COST)) *
                ((double)p->k + 1) / (double)cells;
  int64_t grain = cost >= GEMM_THREAD_COST || count == 1 ? 1 : (int64_t)(GEMM_THREAD_COST / cost) + 1;
  ds_parallel_dynamic(count * cells, grain, run_cells, all);
  return (ds_status)atomic_load(&all->status);
}

ds_status ds_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                  int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc,
                  const ds_epilogue *epilogue) {
  batch all = {.item = {.transpose_a = transpose_a, .transpose_b = transpose_b, .m = m, .n = n, .k = k, .alpha = alpha,
                        .beta = beta, .a = a, .lda = lda, .b = b, .ldb = ldb, .c = c, .ldc = ldc,
                        .epilogue = epilogue}};
  return run(&all);
}

ds_status ds_gemm_batched(int32_t batch_rank, const int64_t *batch_shape, const int64_t *a_strides,
                          const int64_t *b_strides, const int64_t *c_strides, bool transpose_a, bool transpose_b,
                          int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b,
                          int64_t ldb, float beta, float *c, int64_t ldc, const ds_epilogue *epilogue) {
  if (batch_rank < 0) return DS_INVALID_SHAPE;
  if (epilogue != NULL && (epilogue->preactivation != NULL || epilogue->residual != NULL)) return DS_INVALID_SHAPE;
  batch all = {.item = {.transpose_a = transpose_a, .transpose_b = transpose_b, .m = m, .n = n, .k = k, .alpha = alpha,
                        .beta = beta, .a = a, .lda = lda, .b = b, .ldb = ldb, .c = c, .ldc = ldc,
                        .epilogue = epilogue},
               .rank = batch_rank, .shape = batch_shape, .a_strides = a_strides, .b_strides = b_strides,
               .c_strides = c_strides};
  return run(&all);
}

ds_status ds_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed, float beta,
                         float *c, int64_t ldc, const ds_epilogue *epilogue) {
  batch all = {.item = {.packed = true, .m = m, .n = n, .k = k, .alpha = 1.0f, .beta = beta, .a = a, .lda = lda,
                        .b = packed, .c = c, .ldc = ldc, .epilogue = epilogue}};
  return run(&all);
}

int64_t ds_gemm_packed_size(int64_t n, int64_t k) {
  int64_t size;
  if (n < 0 || k < 0 || n > INT64_MAX - GEMM_PANEL) return -1;
  if (__builtin_mul_overflow(ceiling(n, GEMM_PANEL) * GEMM_PANEL, k, &size)) return -1;
  return size > INT64_MAX / (int64_t)sizeof(float) ? -1 : size;
}

typedef struct packing {
  const gemm_kernels *kernels;
  bool transposed;
  int64_t n, k, ldb;
  const float *b;
  float *packed;
} packing;

static void pack_panels(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const packing *p = context;
  int64_t left = begin * GEMM_PANEL, right = least(p->n, end * GEMM_PANEL), panel_stride = p->k * GEMM_PANEL;
  p->kernels->pack_b(p->transposed, p->k, right - left, p->transposed ? p->b + left * p->ldb : p->b + left, p->ldb,
                     p->packed + begin * panel_stride, panel_stride);
}

ds_status ds_gemm_pack(bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb, float *packed) {
  if (ds_gemm_packed_size(n, k) < 0) return DS_INVALID_SHAPE;
  if (transpose_b ? short_row(ldb, k, n) : short_row(ldb, n, k)) return DS_INVALID_SHAPE;
  if (n == 0 || k == 0) return DS_OK;
  packing p = {.kernels = gemm_current_kernels(), .transposed = transpose_b, .n = n, .k = k, .ldb = ldb, .b = b,
               .packed = packed};
  ds_parallel_for(ceiling(n, GEMM_PANEL), GEMM_THREAD_COST / (GEMM_PANEL * k) + 1, pack_panels, &p);
  return DS_OK;
}
