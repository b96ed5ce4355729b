// Where a pooling window begins and ends at each place of an output, one table an axis: the same for windows that slide
// and for those that split an axis evenly.
#ifndef DSV_PLACES_H
#define DSV_PLACES_H

#include "../views/views.h"
#include "ds_pooling.h"

typedef struct dsv_axis_places {
  int64_t in, out, dilation;
  int64_t *begin, *end;  // [out]: elements begin, begin + dilation, … below end, all inside the input
  int64_t *counted;      // [out]: how many elements a mean divides by
  // From place regular_begin up to regular_end windows lie wholly inside: the one at o begins at o * stride - before.
  int64_t regular_begin, regular_end, stride, before, kernel;
} dsv_axis_places;

// Three spatial axes (missing ones in front have size 1) of `planes` planes.
typedef struct dsv_pool_places {
  dsv_axis_places axes[3];
  int64_t planes, in_plane, out_plane;
  int64_t *tables;
} dsv_pool_places;

// For `in` [batch, channels, spatial…] and `out` of the same leading axes. window NULL: windows that split evenly.
// The result is to be freed either way.
ds_status dsv_pool_places_make(dsv_pool_places *places, const ds_view *in, const ds_view *out, const ds_window *window,
                               bool include_padding);
void dsv_pool_places_free(dsv_pool_places *places);

#endif
