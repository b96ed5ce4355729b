// A window that slides over one to three spatial axes: what convolution and pooling share.
#ifndef DS_WINDOW_H
#define DS_WINDOW_H

#include "ds_common.h"

// Per spatial axis, in the order of the tensor's axes. Sizes and steps are at least 1, padding at least 0.
typedef struct ds_window {
  int32_t spatial;  // 1, 2 or 3
  int64_t kernel[3];
  int64_t stride[3];
  int64_t dilation[3];
  int64_t before[3];  // padding at the low end of an axis
  int64_t after[3];   // and at its high end
} ds_window;

// The number of places of the window along spatial axis `axis` of an input of `size` elements: rounded down, or with
// `ceiling` rounded up, as far as the last place still begins inside the input or its low padding. -1 for a window or
// size that makes no sense or has no place.
static inline int64_t ds_window_places(const ds_window *window, int32_t axis, int64_t size, bool ceiling) {
  const int64_t limit = (int64_t)1 << 40;
  if (axis < 0 || axis >= window->spatial || window->spatial > 3) return -1;
  int64_t kernel = window->kernel[axis], stride = window->stride[axis], dilation = window->dilation[axis];
  int64_t before = window->before[axis], after = window->after[axis];
  if (size < 0 || kernel < 1 || stride < 1 || dilation < 1 || before < 0 || after < 0) return -1;
  if (size > limit || kernel > limit || stride > limit || dilation > limit || before > limit || after > limit) return -1;
  int64_t reach;
  if (__builtin_mul_overflow(dilation, kernel - 1, &reach)) return -1;
  int64_t room = size + before + after - reach - 1;
  if (room < 0 || reach > limit) return -1;
  int64_t places = (room + (ceiling ? stride - 1 : 0)) / stride + 1;
  if (ceiling && (places - 1) * stride >= size + before) places--;
  return places;
}

#endif
