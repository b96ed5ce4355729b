#include "shape.h"

#include "../views/views.h"

ds_status dsv_convolution_check(dsv_convolution *shape, const ds_view *large, const ds_view *weight,
                                const ds_view *small, const ds_window *window, int64_t groups) {
  int32_t spatial = window->spatial;
  if (spatial < 1 || spatial > 3 || large->rank != spatial + 2 || weight->rank != spatial + 2 ||
      small->rank != spatial + 2 || groups < 1) {
    return DS_INVALID_SHAPE;
  }
  if (large->shape[0] != small->shape[0] || large->shape[1] % groups != 0 || small->shape[1] % groups != 0) {
    return DS_INVALID_SHAPE;
  }
  *shape = (dsv_convolution){.batch = large->shape[0], .groups = groups, .inputs = large->shape[1] / groups,
                             .outputs = small->shape[1] / groups, .in_plane = dsv_extent(large, 2, large->rank),
                             .out_plane = dsv_extent(small, 2, small->rank), .taps = 1};
  if (weight->shape[0] != small->shape[1] || weight->shape[1] != shape->inputs) return DS_INVALID_SHAPE;
  for (int32_t i = 0; i < 3; i++) {
    int32_t a = i - (3 - spatial);
    shape->in[i] = shape->out[i] = shape->kernel[i] = shape->stride[i] = shape->dilation[i] = 1;
    if (a < 0) continue;
    shape->in[i] = large->shape[2 + a];
    shape->out[i] = small->shape[2 + a];
    shape->kernel[i] = window->kernel[a];
    shape->stride[i] = window->stride[a];
    shape->dilation[i] = window->dilation[a];
    shape->before[i] = window->before[a];
    if (weight->shape[2 + a] != window->kernel[a]) return DS_INVALID_SHAPE;
    if (ds_window_places(window, a, shape->in[i], false) != shape->out[i]) return DS_INVALID_SHAPE;
    shape->taps *= shape->kernel[i];
  }
  shape->depth = shape->inputs * shape->taps;
  return DS_OK;
}

dsv_tiling dsv_tiling_of(const dsv_convolution *shape, int64_t wanted) {
  int64_t width = shape->out[2], height = shape->out[1];
  dsv_tiling tiling = {.columns = width, .rows = wanted / width, .per_row = 1};
  if (tiling.rows < 1) {
    tiling.rows = 1;
    tiling.columns = wanted;
    tiling.per_row = (width + wanted - 1) / wanted;
  }
  if (tiling.rows > height) tiling.rows = height;
  tiling.per_depth = (height + tiling.rows - 1) / tiling.rows * tiling.per_row;
  tiling.count = shape->out[0] * tiling.per_depth;
  return tiling;
}

dsv_tile dsv_tile_at(const dsv_convolution *shape, const dsv_tiling *tiling, int64_t index) {
  dsv_tile tile = {.z = index / tiling->per_depth};
  int64_t rest = index % tiling->per_depth;
  tile.y = rest / tiling->per_row * tiling->rows;
  tile.x = rest % tiling->per_row * tiling->columns;
  tile.rows = shape->out[1] - tile.y < tiling->rows ? shape->out[1] - tile.y : tiling->rows;
  tile.columns = shape->out[2] - tile.x < tiling->columns ? shape->out[2] - tile.x : tiling->columns;
  tile.start = (tile.z * shape->out[1] + tile.y) * shape->out[2] + tile.x;
  tile.count = tile.rows * tile.columns;
  return tile;
}

dsv_box dsv_box_of(const dsv_convolution *shape, int64_t tile_rows, int64_t tile_columns) {
  dsv_box box = {.rows = (tile_rows - 1) * shape->stride[1] + (shape->kernel[1] - 1) * shape->dilation[1] + 1,
                 .columns = (tile_columns - 1) * shape->stride[2] + (shape->kernel[2] - 1) * shape->dilation[2] + 1};
  box.slice = box.rows * box.columns;
  return box;
}

int64_t dsv_box_size(const dsv_convolution *shape, const dsv_box *box, int64_t channels) {
  return channels * shape->kernel[0] * box->slice + DSV_BOX_SLACK_PLACES * shape->stride[2];
}

// What part of box row `row` of a slice lies inside the input: first ..< last of its columns, from `source` on.
typedef struct row_part {
  int64_t first, last, source;
} row_part;

static row_part row_inside(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, int64_t slice,
                           int64_t row) {
  int64_t z = tile->z * shape->stride[0] - shape->before[0] + slice * shape->dilation[0];
  int64_t y = tile->y * shape->stride[1] - shape->before[1] + row;
  int64_t x = tile->x * shape->stride[2] - shape->before[2];
  if (z < 0 || z >= shape->in[0] || y < 0 || y >= shape->in[1]) return (row_part){0};
  row_part part = {.first = x < 0 ? -x : 0, .last = shape->in[2] - x < box->columns ? shape->in[2] - x : box->columns};
  if (part.first >= part.last) return (row_part){0};
  part.source = (z * shape->in[1] + y) * shape->in[2] + x + part.first;
  return part;
}

void dsv_box_fill(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *x,
                  int64_t channels, float *to) {
  for (int64_t c = 0; c < channels; c++, x += shape->in_plane) {
    for (int64_t slice = 0; slice < shape->kernel[0]; slice++) {
      for (int64_t row = 0; row < box->rows; row++, to += box->columns) {
        row_part part = row_inside(shape, tile, box, slice, row);
        for (int64_t j = 0; j < part.first; j++) to[j] = 0;
        if (part.last > 0) memcpy(to + part.first, x + part.source, (size_t)(part.last - part.first) * sizeof(float));
        for (int64_t j = part.last; j < box->columns; j++) to[j] = 0;
      }
    }
  }
}

void dsv_box_add(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *from,
                 int64_t channels, float *x) {
  for (int64_t c = 0; c < channels; c++, x += shape->in_plane) {
    for (int64_t slice = 0; slice < shape->kernel[0]; slice++) {
      for (int64_t row = 0; row < box->rows; row++, from += box->columns) {
        row_part part = row_inside(shape, tile, box, slice, row);
        float *to = x + part.source;
        for (int64_t j = part.first; j < part.last; j++) to[j - part.first] += from[j];
      }
    }
  }
}
