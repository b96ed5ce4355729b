// How a product of words is cut into blocks for the caches.
//
// A block of rows is packed for all of k. Panel by panel of B, and in each by blocks of depth, the strips of A pass by: what
// they meet of B stays in the second-level cache, while a strip of A is read once for 32 columns, which the last-level cache
// can bear.
#include "dot_product.h"

#include <stdatomic.h>

#include "../ds_scratch.h"
#include "../gemm_grid.h"
#include "../include/ds_isa.h"
#include "../include/ds_threads.h"
#include "../support/cache.h"
#include "../support/ds_choose.h"

const dot_kernels *dot_float_kernels(void) { return DS_CHOOSE(dot_float); }

const dot_kernels *dot_int8_kernels(int32_t bits) {
  (void)bits;
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AMX:
      return &dot_int8_amx;
    case DS_ISA_AVX512_BF16:
    case DS_ISA_AVX512_VNNI:
      return &dot_int8_avx512vnni;
    case DS_ISA_AVX512:
      return bits == 7 ? &dot_int7_avx512 : &dot_int8_avx512;
    case DS_ISA_AVX2_VNNI:
      return &dot_int8_avx2vnni;
    case DS_ISA_AVX2:
      return bits == 7 ? &dot_int7_avx2 : &dot_int8_avx2;
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return &dot_int8_neon;
#endif
    default:
      return &dot_int8_portable;
  }
}

const dot_kernels *dot_bf16_kernels(void) {
#if defined(__x86_64__)
  if (ds_isa_current() == DS_ISA_AMX) return &dot_bf16_amx;
  // AMD's cores multiply pairs of bfloat16 as often as float32. Intel's (measured on Sapphire Rapids: 89 GFLOP/s a core, beside
  // 178 in float32) take four times as long, so that there widening wins.
  if (ds_isa_current() == DS_ISA_AVX512_BF16 && __builtin_cpu_is("amd")) return &dot_bf16_avx512bf16;
#endif
  return NULL;
}

typedef struct task {
  const dot_product *product;
  gemm_work work;
  gemm_grid grid;
  int64_t depth;                    // of a block, in steps
  int64_t height;                   // of a block of rows, at most
  atomic_int status;
} task;

// Limits of the blocks. Steps of a block of depth: made anew for every block of rows, they should stay near; where B lies ready, only very long
// panels are cut.
enum { MADE_DEPTH = 768, READY_DEPTH = 2048, LEAST_ROWS = 128, MOST_ROWS = 512, MOST_BLOCK_BYTES = 8 << 20 };

static void run_panel(const dot_product *p, const task *t, int64_t row, int64_t height, int64_t panel, int64_t last_panel,
                      const uint32_t *a, uint32_t *sums, uint32_t *room) {
  int64_t strips = ceiling(height, p->kernels->rows), layers = p->steps == 0 ? 1 : ceiling(p->steps, t->depth);
  int64_t column = panel * GEMM_PANEL, columns = least(GEMM_PANEL, p->n - column);
  int64_t pace = ceiling(GEMM_STEPS * GEMM_PANEL, strips);
  for (int64_t layer = 0; layer < layers; layer++) {
    int64_t step = layer * t->depth, depth = least(t->depth, p->steps - step);
    const uint32_t *b, *ahead;
    if (p->right == NULL) {
      b = p->panels + (panel * p->steps + step) * GEMM_PANEL;
      ahead = panel < last_panel ? b + depth * GEMM_PANEL : b;
    } else {
      b = p->right(p, panel, step, depth, room);
      ahead = b;
    }
    for (int64_t strip = 0; strip < strips; strip++) {
      int64_t begin = border(height, strips, strip), rows = border(height, strips, strip + 1) - begin;
      uint32_t *to = layers == 1 ? sums : sums + begin * GEMM_PANEL;
      bool by_rows = p->kernels->by_rows;
      dot_block block = {.rows = (int32_t)rows, .steps = depth, .stride = p->steps, .b = b, .ahead = ahead, .sums = to,
                         .a = a + begin * p->steps + (by_rows ? step : step * rows), .accumulate = layer > 0, .pace = pace};
      p->kernels->tile[by_rows ? 0 : rows](&block);
      ahead += depth / GEMM_STEPS * pace;
      if (layer == layers - 1) p->finish(p, row + begin, rows, column, columns, to);
    }
  }
}

static ds_status run_cell(const task *t, int64_t row, int64_t row_end, int64_t panel, int64_t panel_end) {
  const dot_product *p = t->product;
  int64_t height = row_end - row, blocks = ceiling(height, t->height), tallest = ceiling(height, blocks);
  size_t strip = (size_t)(p->kernels->rows * p->steps), word = sizeof(uint32_t);
  size_t block = (size_t)(tallest * p->steps) + DOT_PADDING, sums = (size_t)(tallest * GEMM_PANEL);
  size_t room = p->right == NULL ? 0 : (size_t)(t->depth * GEMM_PANEL);
  uint32_t *a = ds_scratch(DS_SCRATCH_GEMM_A, (block + 2 * (strip + DOT_PADDING)) * word);
  uint32_t *b = ds_scratch(DS_SCRATCH_GEMM_B, (sums + room) * word);
  if (a == NULL || b == NULL) return DS_OUT_OF_MEMORY;
  for (int64_t index = 0; index < blocks; index++) {
    int64_t first = row + border(height, blocks, index);
    int64_t count = border(height, blocks, index + 1) - border(height, blocks, index);
    int64_t strips = ceiling(count, p->kernels->rows);
    for (int64_t i = 0; i < strips; i++) {
      int64_t begin = border(count, strips, i);
      p->left(p, first + begin, (int32_t)(border(count, strips, i + 1) - begin), a + begin * p->steps, a + block);
    }
    for (int64_t at = panel; at < panel_end; at++) run_panel(p, t, first, count, at, panel_end - 1, a, b, b + sums);
  }
  return DS_OK;
}

static void run_cells(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  task *t = context;
  for (int64_t index = begin; index < end; index++) {
    gemm_cell cell = gemm_grid_cell(&t->work, t->grid, index);
    ds_status status = run_cell(t, cell.row, cell.row_end, cell.column / GEMM_PANEL, ceiling(cell.column_end, GEMM_PANEL));
    if (status != DS_OK) atomic_store(&t->status, status);
  }
}

// The products of words that it takes as long to pack one of A, and to read or to widen one of B.
enum { PACK_A_COST = 10, READ_B_COST = 8 };

ds_status dot_run(const dot_product *p) {
  task t = {.product = p};
  int64_t depth = p->right == NULL ? READY_DEPTH : MADE_DEPTH;
  t.depth = depth < p->unit ? p->unit : depth / p->unit * p->unit;
  int64_t row_bytes = (p->steps + 1) * (int64_t)sizeof(uint32_t), fitting = ds_cache_bytes(2) / 2 / row_bytes;
  t.height = fitting < LEAST_ROWS ? LEAST_ROWS : least(fitting, MOST_ROWS);
  if (t.height > MOST_BLOCK_BYTES / row_bytes) t.height = MOST_BLOCK_BYTES / row_bytes;
  if (t.height < p->kernels->rows) t.height = p->kernels->rows;
  t.work = (gemm_work){.rows = p->m, .columns = p->n, .depth = p->steps, .a_cost = PACK_A_COST, .b_cost = READ_B_COST,
                       .block_rows = t.height};
  t.grid = gemm_choose_grid(&t.work, ds_thread_count());
  ds_parallel_dynamic(t.grid.rows * t.grid.columns, 1, run_cells, &t);
  return (ds_status)atomic_load(&t.status);
}
