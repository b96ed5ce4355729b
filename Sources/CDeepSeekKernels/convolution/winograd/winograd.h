// Winograd's F(2 x 2, 3 x 3): four outputs of a 3 x 3 convolution with sixteen multiplications instead of thirty-six. Where B
// transforms the 4 x 4 inputs that a tile of 2 x 2 outputs sees, G the kernel and A the sums,
//   y = A' [(G g G') * (B' x B)] A,   and the kernel's gradient   dg = G' [sum over tiles of (A dy A') * (B' x B)] G.
// The products, summed over channels (or tiles), are matrix products, one for each of the sixteen positions. All entries of A
// and B are 0, 1 or -1, those of G 0, 1 or a half, so that little precision is lost; Docs/Measurements.md
// has errors beside the direct form's.
//
// S. Winograd, "Arithmetic Complexity of Computations", 1980; A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural
// Networks", CVPR 2016.
#ifndef DSV_WINOGRAD_H
#define DSV_WINOGRAD_H

#include "../shape.h"

enum {
  WINOGRAD_POSITIONS = 16,
  WINOGRAD_SPILL = 16,  // floats behind a row of tiles that a whole vector may overwrite
};

// Neighbouring tiles of one row of tiles, no more than a vector has lanes. Offsets are from a channel's plane in the first
// image; what lies outside the plane counts as zero.
typedef struct winograd_piece {
  int64_t lane, count;    // where in the row of tiles they go
  int64_t in;             // of the first row and column that the first tile sees
  int64_t left, right;    // the columns from there on, left ..< right, that are inside
  int32_t top, bottom;    // and the rows, of four
  int64_t out;            // of the first tile's first output
  int64_t columns;        // outputs of a row, up to 2 * count
  int32_t rows;           // of outputs: 1 or 2
} winograd_piece;

typedef struct winograd_kernels {
  int32_t lanes;
  // to[position][channel][lane]: B' x B of every tile. `row`, `plane`: elements from row to row and channel to channel of x;
  // `pitch`, `stride`: from channel to channel and position to position of `to`. Pieces come in the order of their lanes.
  void (*input)(const winograd_piece *pieces, int64_t count, int64_t channels, const float *x, int64_t row, int64_t plane,
                float *to, int64_t pitch, int64_t stride);
  // The same for A dy A', of what is the convolution's output.
  void (*gradient)(const winograd_piece *pieces, int64_t count, int64_t channels, const float *dy, int64_t row,
                   int64_t plane, float *to, int64_t pitch, int64_t stride);
  // out = A' from A + bias; bias, of `channels`, may be NULL.
  void (*output)(const winograd_piece *pieces, int64_t count, int64_t channels, const float *from, int64_t pitch,
                 int64_t stride, const float *bias, float *out, int64_t row, int64_t plane);
} winograd_kernels;

extern const winograd_kernels winograd_kernels_portable;
#if defined(__x86_64__)
extern const winograd_kernels winograd_kernels_avx2, winograd_kernels_avx512;
#elif defined(__aarch64__)
extern const winograd_kernels winograd_kernels_neon;
#endif

const winograd_kernels *winograd_current_kernels(void);

// The tiles of all images, row by row.
typedef struct winograd_tiles {
  int64_t rows, columns;  // of an image
  int64_t count;          // of all images
} winograd_tiles;

winograd_tiles winograd_tiles_of(const dsv_convolution *shape);

// Cuts tiles `first` ..< `last` into pieces, at most last - first of them, and returns how many.
int64_t winograd_pieces(const dsv_convolution *shape, const winograd_tiles *tiles, int64_t first, int64_t last,
                        int32_t lanes, winograd_piece *pieces);

// Whether the convolution is one of 3 x 3 kernels with stride one, large enough for the transforms to pay.
bool winograd_serves(const dsv_convolution *shape);
bool winograd_serves_weight(const dsv_convolution *shape);

// `mirrored`: the kernels' channels are exchanged and their elements read backwards, as in the gradient of x.
ds_status winograd_convolve(const dsv_convolution *shape, bool mirrored, const float *x, const float *weight,
                            const float *bias, float *out);
ds_status winograd_convolve_weight(const dsv_convolution *shape, const float *x, const float *dy, float *dweight);

#endif
