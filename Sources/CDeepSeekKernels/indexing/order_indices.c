// A stable counting sort by eleven bits at a time: indices below two thousand take one pass, a vocabulary two.
#include <stdlib.h>

#include "../views/views.h"
#include "scatter_rows.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

bool dsv_order_indices(const int64_t *index, int64_t count, int64_t limit, int64_t *order) {
  int64_t *spare = dsv_allocate(count, sizeof(int64_t));
  if (spare == NULL) return false;
  for (int64_t i = 0; i < count; i++) order[i] = i;
  int64_t *from = order, *to = spare;
  for (int shift = 0; shift < 63 && (limit - 1) >> shift > 0; shift += DIGIT_BITS) {
    int64_t starts[DIGITS + 1] = {0};
    for (int64_t i = 0; i < count; i++) starts[(index[i] >> shift & (DIGITS - 1)) + 1]++;
    for (int64_t d = 0; d < DIGITS; d++) starts[d + 1] += starts[d];
    for (int64_t i = 0; i < count; i++) to[starts[index[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
    int64_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != order) memcpy(order, from, (size_t)count * sizeof(int64_t));
  free(spare);
  return true;
}
