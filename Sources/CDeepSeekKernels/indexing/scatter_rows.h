// Combining whole rows into numbered rows: what index_add, the embedding's gradient and scatter_nd have in common.
#ifndef DSV_SCATTER_ROWS_H
#define DSV_SCATTER_ROWS_H

#include "ds_indexing.h"

typedef struct dsv_row_scatter {
  void *out;           // [outer, rows, width]
  const void *source;  // [outer, count, width]
  const int64_t *index;  // [count], each in 0 ..< rows
  int64_t outer, rows, width, count;
  int64_t skip;  // source rows with this index are left out; negative: none
  int32_t dtype;
  ds_scatter_mode mode;
} dsv_row_scatter;

// Combines source rows into out in the order of the indices, whatever the thread count. Halves are added in float32
// and rounded once. Needs memory for two numbers an index when halves are added, else none.
ds_status dsv_scatter_rows(const dsv_row_scatter *work);

// A stable order of `count` numbers in 0 ..< limit: order[i] is the position of the i-th smallest. False without
// memory.
bool dsv_order_indices(const int64_t *index, int64_t count, int64_t limit, int64_t *order);

#endif
