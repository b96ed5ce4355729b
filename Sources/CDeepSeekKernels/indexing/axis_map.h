// Padding and rolling, axis by axis: each place of the output's axis shows one place of the input's, or nothing.
#ifndef DSV_AXIS_MAP_H
#define DSV_AXIS_MAP_H

#include "ds_indexing.h"

// A stretch of the output's axis: places start ..< start + count show source, source + step, …; source < 0: nothing.
typedef struct dsv_stretch {
  int64_t start, count, source, step;
} dsv_stretch;

typedef struct dsv_axis_map {
  int64_t in, out;
  int64_t *source;  // [out], -1 for nothing
  dsv_stretch *stretches;
  int64_t stretch_count;
  int64_t *shown_begin;  // [in + 1]: where in shown_at each input place's output places begin
  int64_t *shown_at;     // [out]
} dsv_axis_map;

// Makes the map for one axis; DS_INVALID_SHAPE when the mode forbids this padding. The map is to be freed either way.
ds_status dsv_axis_map_make(dsv_axis_map *map, int64_t size, int64_t before, int64_t after, ds_pad_mode mode);

void dsv_axis_map_free(dsv_axis_map *map);

#endif
