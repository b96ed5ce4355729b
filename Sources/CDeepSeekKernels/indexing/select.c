#include "select.h"

#include "../views/views.h"
#include "ds_threads.h"

typedef struct select_plan {
  char *out;
  const char *x;
  int64_t row_bytes, bytes;
  const int64_t *index;
} select_plan;

// How many rows ahead the first cache lines are asked for: random rows are what hardware prefetch cannot foresee.
enum { ROWS_AHEAD = 2, CACHE_LINE = 64, LINES_AHEAD = 8 };

#define COPY_ELEMENTS(type)                                                                                   \
  for (int64_t i = begin; i < end; i++) {                                                                     \
    memcpy(plan->out + i * (int64_t)sizeof(type), plan->x + plan->index[i] * plan->row_bytes, sizeof(type));  \
  }

static void select_rows(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const select_plan *plan = context;
  switch (plan->bytes) {
    case 1: COPY_ELEMENTS(uint8_t) return;
    case 2: COPY_ELEMENTS(uint16_t) return;
    case 4: COPY_ELEMENTS(uint32_t) return;
    case 8: COPY_ELEMENTS(uint64_t) return;
  }
  for (int64_t i = begin; i < end; i++) {
    if (i + ROWS_AHEAD < end) {
      const char *next = plan->x + plan->index[i + ROWS_AHEAD] * plan->row_bytes;
      for (int64_t line = 0; line < LINES_AHEAD && line * CACHE_LINE < plan->bytes; line++) {
        __builtin_prefetch(next + line * CACHE_LINE);
      }
    }
    memcpy(plan->out + i * plan->bytes, plan->x + plan->index[i] * plan->row_bytes, (size_t)plan->bytes);
  }
}

void dsv_select_rows(char *out, const char *x, int64_t row_bytes, const int64_t *index, int64_t count, int64_t bytes) {
  if (count == 0 || bytes == 0) return;
  select_plan plan = {.out = out, .x = x, .row_bytes = row_bytes, .bytes = bytes, .index = index};
  ds_parallel_for(count, dsv_grain(bytes), select_rows, &plan);
}
