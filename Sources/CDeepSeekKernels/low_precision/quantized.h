// Where the parts of a packed weight in few bits lie. Internal.
#ifndef LOW_PRECISION_QUANTIZED_H
#define LOW_PRECISION_QUANTIZED_H

#include "common.h"

typedef struct quantized_parts {
  int64_t kind;                       // values in a word
  int64_t steps, groups, group_steps;  // words of a column; groups, and words in each
  int64_t panels;
  int64_t scales, zero_points, sums;  // where they begin, in words; -1 where there are none
  int64_t size;                       // bytes
} quantized_parts;

// False for a shape that is not allowed or whose size overflows.
bool quantized_layout(const ds_quantized_shape *shape, quantized_parts *parts);

#endif
