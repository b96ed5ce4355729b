// How outputs are cut into tiles of 2 x 2, and rows of tiles into pieces that a vector holds.
#include "../../support/ds_choose.h"
#include "winograd.h"

const winograd_kernels *winograd_current_kernels(void) { return DS_CHOOSE(winograd_kernels); }

enum {
  LEAST_CHANNELS = 16,  // on either side: with fewer, the transforms take longer than the products they save
  LEAST_TILES = 32,     // over which the kernels' transform is spread
  LEAST_KERNELS = 2048, // for their gradient, whose operands both are transformed and packed
};

bool winograd_serves(const dsv_convolution *shape) {
  if (shape->inputs < LEAST_CHANNELS || shape->outputs < LEAST_CHANNELS) return false;
  if (shape->in[0] != 1 || shape->out[0] != 1 || shape->kernel[0] != 1) return false;
  for (int32_t i = 1; i < 3; i++) {
    if (shape->kernel[i] != 3 || shape->stride[i] != 1 || shape->dilation[i] != 1) return false;
  }
  winograd_tiles tiles = winograd_tiles_of(shape);
  // Of four outputs of a tile, those past the edge are worked out in vain: at most half as many as count.
  return tiles.count >= LEAST_TILES && tiles.rows * tiles.columns * 4 * 2 <= shape->out_plane * 3;
}

bool winograd_serves_weight(const dsv_convolution *shape) {
  return winograd_serves(shape) && shape->inputs * shape->outputs >= LEAST_KERNELS;
}

winograd_tiles winograd_tiles_of(const dsv_convolution *shape) {
  winograd_tiles tiles = {.rows = (shape->out[1] + 1) / 2, .columns = (shape->out[2] + 1) / 2};
  tiles.count = shape->batch * tiles.rows * tiles.columns;
  return tiles;
}

static int64_t between(int64_t low, int64_t value, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

int64_t winograd_pieces(const dsv_convolution *shape, const winograd_tiles *tiles, int64_t first, int64_t last,
                        int32_t lanes, winograd_piece *pieces) {
  int64_t count = 0, per_image = tiles->rows * tiles->columns;
  for (int64_t tile = first; tile < last;) {
    int64_t image = tile / per_image, row = tile % per_image / tiles->columns, column = tile % tiles->columns;
    int64_t length = between(1, tiles->columns - column, lanes);
    if (length > last - tile) length = last - tile;
    int64_t y = 2 * row - shape->before[1], x = 2 * column - shape->before[2];
    int64_t groups = image * shape->groups;
    pieces[count++] = (winograd_piece){
        .lane = tile - first,
        .count = length,
        .in = groups * shape->inputs * shape->in_plane + y * shape->in[2] + x,
        .left = between(0, -x, 2 * length + 2),
        .right = between(0, shape->in[2] - x, INT32_MAX),
        .top = (int32_t)between(0, -y, 4),
        .bottom = (int32_t)between(0, shape->in[1] - y, 4),
        .out = groups * shape->outputs * shape->out_plane + 2 * row * shape->out[2] + 2 * column,
        .columns = between(0, shape->out[2] - 2 * column, 2 * length),
        .rows = (int32_t)between(0, shape->out[1] - 2 * row, 2),
    };
    tile += length;
  }
  return count;
}
