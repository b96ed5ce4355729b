// A channel's elements, in one sample or in all of them, as lines that are worked on in short segments: in place, or
// staged in a buffer on the stack. What batch and group norm walk over.
#ifndef NORM_PLANES_H
#define NORM_PLANES_H

#include "../support/ds_lines.h"
#include "norm_internal.h"

// Elements of a segment: with three buffers of them a thread stays in its first-level caches.
enum { SEGMENT = 1024 };

typedef struct planes {
  ds_lines lines;                          // of the plane at sample zero and channel zero
  int64_t sample_stride, channel_stride;   // in bytes
} planes;

// Planes over the axes from `first` of x [batch, channels, spatial...] on: 2 for a sample's, 0 for those over the batch,
// the channel axis being left out in either case. The views have one shape, and their planes come out as lines of one
// length, so that they can be walked over together. NULL views are passed over.
void planes_together(const ds_view *const *views, int count, int32_t first, planes *out);

static inline char *plane_address(const planes *p, int64_t sample, int64_t channel, int64_t line, int64_t at) {
  return ds_line_address(&p->lines, line) + sample * p->sample_stride + channel * p->channel_stride +
         at * p->lines.step * (int64_t)p->lines.element_bytes;
}

// What a walk over a plane does, in the computing type of its elements.
double plane_sum(const planes *x, int64_t sample, int64_t channel);
double plane_squares(const planes *x, int64_t sample, int64_t channel, double mean);
void plane_affine(const planes *x, const planes *y, int64_t sample, int64_t channel, double mean, double scale,
                  double shift);
// totals += sums of dy and of dy (x - mean).
void plane_dots(const planes *x, const planes *dy, int64_t sample, int64_t channel, double mean, double *totals);
// dx = a dy + b (x - mean) + c
void plane_gradient(const planes *x, const planes *dy, const planes *dx, int64_t sample, int64_t channel, double mean,
                    double a, double b, double c);

#endif
