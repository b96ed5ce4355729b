// Counting set elements piece by piece, so that every piece knows where its output begins.
#ifndef DSV_MASKS_H
#define DSV_MASKS_H

#include "ds_common.h"

// The number of elements in a piece; the last one is shorter.
enum { DSV_MASK_PIECE = 16384 };

// How many of `count` elements are not zero; starts gets for each piece the number before it and has room
// for ceil(count / DSV_MASK_PIECE) numbers.
int64_t dsv_count_nonzero(const void *data, int32_t dtype, int64_t count, int64_t *starts);

// The bits of a pattern that decide whether an element is zero: all, save a float's sign.
static inline uint64_t dsv_value_bits(int32_t dtype) {
  switch (dtype) {
    case DS_FLOAT32: return 0x7fffffffu;
    case DS_FLOAT64: return 0x7fffffffffffffffu;
    case DS_FLOAT16:
    case DS_BFLOAT16: return 0x7fffu;
    case DS_FLOAT8_E4M3:
    case DS_FLOAT8_E5M2: return 0x7fu;
    case DS_COMPLEX64: return 0x7fffffff7fffffffu;
    default: return ~(uint64_t)0;
  }
}

#endif
