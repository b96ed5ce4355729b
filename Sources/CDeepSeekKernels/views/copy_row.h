// One row of elements from one stride to another; strides in elements, zero and negative ones too.
#ifndef DSV_COPY_ROW_H
#define DSV_COPY_ROW_H

#include <stdint.h>
#include <string.h>

#define DSV_STRIDED_ROW(type)                                                             \
  do {                                                                                \
    type *d = (type *)to;                                                             \
    const type *s = (const type *)from;                                               \
    for (int64_t j = 0; j < count; j++) d[j * to_stride] = s[j * from_stride];        \
  } while (0)

static inline void dsv_copy_row(char *to, int64_t to_stride, const char *from, int64_t from_stride, int64_t count,
                                int64_t size) {
  if (to_stride == 1 && from_stride == 1) {
    memcpy(to, from, (size_t)(count * size));
    return;
  }
  switch (size) {
    case 1: DSV_STRIDED_ROW(uint8_t); break;
    case 2: DSV_STRIDED_ROW(uint16_t); break;
    case 4: DSV_STRIDED_ROW(uint32_t); break;
    default: DSV_STRIDED_ROW(uint64_t); break;
  }
}

#endif
