#include "places.h"

#include <stdlib.h>

static void slide(dsv_axis_places *axis, const ds_window *window, int32_t i, bool include_padding) {
  int64_t kernel = window->kernel[i], reach = window->dilation[i] * (kernel - 1);
  axis->dilation = window->dilation[i];
  axis->stride = window->stride[i];
  axis->before = window->before[i];
  axis->kernel = kernel;
  axis->regular_begin = axis->out;
  axis->regular_end = axis->out;
  for (int64_t o = 0; o < axis->out; o++) {
    int64_t begin = o * axis->stride - axis->before, end = begin + reach + 1;
    if (begin >= 0 && axis->regular_begin == axis->out) axis->regular_begin = o;
    if (end > axis->in && axis->regular_end == axis->out) axis->regular_end = o;
    int64_t padded_end = end < axis->in + window->after[i] ? end : axis->in + window->after[i];
    int64_t padded = padded_end - begin;
    if (begin < 0) begin += (-begin + axis->dilation - 1) / axis->dilation * axis->dilation;
    if (end > axis->in) end = axis->in;
    if (begin > end) begin = end;
    axis->begin[o] = begin;
    axis->end[o] = end;
    axis->counted[o] = include_padding ? padded : end - begin;
  }
  if (axis->regular_end < axis->regular_begin) axis->regular_end = axis->regular_begin;
}

static void split(dsv_axis_places *axis) {
  axis->dilation = axis->stride = axis->kernel = 1;
  for (int64_t o = 0; o < axis->out; o++) {
    axis->begin[o] = o * axis->in / axis->out;
    axis->end[o] = ((o + 1) * axis->in + axis->out - 1) / axis->out;
    axis->counted[o] = axis->end[o] - axis->begin[o];
  }
}

ds_status dsv_pool_places_make(dsv_pool_places *places, const ds_view *in, const ds_view *out, const ds_window *window,
                               bool include_padding) {
  *places = (dsv_pool_places){0};
  int32_t spatial = in->rank - 2;
  if (spatial < 1 || spatial > 3 || out->rank != in->rank || (window != NULL && window->spatial != spatial)) {
    return DS_INVALID_SHAPE;
  }
  if (in->shape[0] != out->shape[0] || in->shape[1] != out->shape[1]) return DS_INVALID_SHAPE;
  places->planes = in->shape[0] * in->shape[1];
  places->in_plane = dsv_extent(in, 2, in->rank);
  places->out_plane = dsv_extent(out, 2, out->rank);
  if (places->in_plane > INT32_MAX || places->out_plane > INT32_MAX) return DS_INVALID_SHAPE;
  int64_t total = 3;
  for (int32_t i = 0; i < 3; i++) {
    dsv_axis_places *axis = &places->axes[i];
    int32_t a = i - (3 - spatial);
    axis->in = a < 0 ? 1 : in->shape[2 + a];
    axis->out = a < 0 ? 1 : out->shape[2 + a];
    if (window != NULL && a >= 0) {
      int64_t floor = ds_window_places(window, a, axis->in, false), ceiling = ds_window_places(window, a, axis->in, true);
      if (axis->out < 0 || (axis->out != floor && axis->out != ceiling)) return DS_INVALID_SHAPE;
    } else if (axis->in == 0 && axis->out != 0) {
      return DS_INVALID_SHAPE;
    }
    total += 3 * axis->out;
  }
  places->tables = dsv_allocate(total, sizeof(int64_t));
  if (places->tables == NULL) return DS_OUT_OF_MEMORY;
  int64_t *table = places->tables;
  for (int32_t i = 0; i < 3; i++) {
    dsv_axis_places *axis = &places->axes[i];
    int32_t a = i - (3 - spatial);
    axis->begin = table;
    axis->end = table + axis->out;
    axis->counted = table + 2 * axis->out;
    table += 3 * axis->out;
    if (window != NULL && a >= 0) {
      slide(axis, window, a, include_padding);
    } else {
      split(axis);
    }
  }
  return DS_OK;
}

void dsv_pool_places_free(dsv_pool_places *places) { free(places->tables); }
