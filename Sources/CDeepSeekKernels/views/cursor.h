// Walking a shape in row-major order while following one layout's offset.
#ifndef DSV_CURSOR_H
#define DSV_CURSOR_H

#include "ds_common.h"

typedef struct dsv_cursor {
  int32_t rank;
  const int64_t *shape, *strides;
  int64_t position[DS_MAX_RANK];
  int64_t offset;
} dsv_cursor;

// Stands at element `index` of a shape without empty dimensions.
static inline dsv_cursor dsv_cursor_at(const int64_t *shape, const int64_t *strides, int32_t rank, int64_t index) {
  dsv_cursor cursor = {.rank = rank, .shape = shape, .strides = strides};
  for (int32_t i = rank - 1; i >= 0; i--) {
    cursor.position[i] = index % shape[i];
    index /= shape[i];
    cursor.offset += cursor.position[i] * strides[i];
  }
  return cursor;
}

static inline void dsv_cursor_next(dsv_cursor *cursor) {
  for (int32_t i = cursor->rank - 1; i >= 0; i--) {
    cursor->offset += cursor->strides[i];
    if (++cursor->position[i] < cursor->shape[i]) return;
    cursor->position[i] = 0;
    cursor->offset -= cursor->shape[i] * cursor->strides[i];
  }
}

#endif
