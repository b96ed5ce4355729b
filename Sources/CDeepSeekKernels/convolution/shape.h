// The sizes of one convolution, checked once, with missing spatial axes in front filled up by ones.
#ifndef DSV_CONVOLUTION_SHAPE_H
#define DSV_CONVOLUTION_SHAPE_H

#include "ds_convolution.h"

typedef struct dsv_convolution {
  int64_t batch, groups, inputs, outputs;  // channels of a group
  int64_t in[3], out[3], kernel[3], stride[3], dilation[3], before[3];
  int64_t in_plane, out_plane, taps, depth;  // taps: kernel elements; depth: inputs * taps
} dsv_convolution;

// large and small are the convolution's input and output, whichever way it is run.
ds_status dsv_convolution_check(dsv_convolution *shape, const ds_view *large, const ds_view *weight,
                                const ds_view *small, const ds_window *window, int64_t groups);

// A part of one output plane: rows of one depth, or part of one row.
typedef struct dsv_tile {
  int64_t z, y, x;        // where it begins
  int64_t rows, columns;  // columns is the whole row unless rows is 1
  int64_t start, count;   // in the flat output plane
} dsv_tile;

// How output planes are cut so that a tile has about `wanted` places.
typedef struct dsv_tiling {
  int64_t rows, columns, per_row, per_depth, count;
} dsv_tiling;

dsv_tiling dsv_tiling_of(const dsv_convolution *shape, int64_t wanted);
dsv_tile dsv_tile_at(const dsv_convolution *shape, const dsv_tiling *tiling, int64_t index);

// The input that a tile sees, padding filled with zeros: [channels, kernel depth, rows, columns].
typedef struct dsv_box {
  int64_t rows, columns, slice;  // slice: rows * columns
} dsv_box;

dsv_box dsv_box_of(const dsv_convolution *shape, int64_t tile_rows, int64_t tile_columns);

// Floats behind a box that may be read, though their values do not matter.
enum { DSV_BOX_SLACK_PLACES = 32 };

// Room for a box of `channels`, with slack.
int64_t dsv_box_size(const dsv_convolution *shape, const dsv_box *box, int64_t channels);

// Copies what the tile sees of `channels` planes from x on.
void dsv_box_fill(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *x,
                  int64_t channels, float *to);

// Adds a box back to the planes that it would be filled from.
void dsv_box_add(const dsv_convolution *shape, const dsv_tile *tile, const dsv_box *box, const float *from,
                 int64_t channels, float *x);

// The float32 algorithms. All arrays are contiguous; bias may be NULL.
ds_status dsv_convolve(const dsv_convolution *shape, const float *x, const float *weight, const float *bias,
                       float *out);
ds_status dsv_convolve_transposed(const dsv_convolution *shape, const float *y, const float *weight,
                                  const float *bias, float *out);
ds_status dsv_convolve_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight);

// The same for groups of one input channel each, without a matrix product.
ds_status dsv_depthwise(const dsv_convolution *shape, const float *x, const float *weight, const float *bias,
                        float *out);
ds_status dsv_depthwise_transposed(const dsv_convolution *shape, const float *y, const float *weight,
                                   const float *bias, float *out);
ds_status dsv_depthwise_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight);

// And for float64.
void dsv_convolve64(const dsv_convolution *shape, const double *x, const double *weight, const double *bias,
                    double *out);
void dsv_convolve64_transposed(const dsv_convolution *shape, const double *y, const double *weight,
                               const double *bias, double *out);
void dsv_convolve64_weight(const dsv_convolution *shape, const double *x, const double *dy, double *dweight);

#endif
