#include "entries.h"

#include "../views/views.h"
#include "keys.h"

#define FILL(dtype_case, suffix, type)                                                    \
  case dtype_case: {                                                                      \
    const type *from = (const type *)line->data;                                          \
    uint64_t flip = line->descending ? (type) ~(type)0 : 0;                               \
    for (int64_t i = begin; i < end; i++) {                                               \
      entries[i - begin] = MAKE(dsv_key_##suffix(from[i * line->stride]) ^ flip, i);      \
    }                                                                                     \
    break;                                                                                \
  }

// A key that several elements share is looked up; any other tells its element without a random read.
#define EMIT(dtype_case, suffix, type)                                                            \
  case dtype_case: {                                                                              \
    const type *from = (const type *)line->data;                                                  \
    type *to = values, flip = line->descending ? (type) ~(type)0 : 0;                             \
    for (int64_t i = 0; i < count; i++) {                                                         \
      type key = (type)(KEY(entries[i]) ^ flip);                                                  \
      to[i * stride] = dsv_key_is_shared_##suffix(key) ? from[POSITION(entries[i]) * line->stride] \
                                                       : dsv_element_##suffix(key);               \
    }                                                                                             \
    break;                                                                                        \
  }

#define DEFINE(kind)                                                                                          \
  void dsv_##kind##_fill(const dsv_line *line, int64_t begin, int64_t end, dsv_##kind##_entry *entries) {     \
    switch (line->dtype) {                                                                                    \
      DSV_NARROW_KEY_TYPES(FILL)                                                                              \
      DSV_WIDE_KEY_TYPES(FILL)                                                                                \
      default: break;                                                                                         \
    }                                                                                                         \
  }                                                                                                           \
  void dsv_##kind##_emit(const dsv_line *line, const dsv_##kind##_entry *entries, int64_t count, void *values, \
                         int64_t *indices, int64_t stride) {                                                  \
    for (int64_t i = 0; indices != NULL && i < count; i++) indices[i * stride] = POSITION(entries[i]);        \
    if (values == NULL) return;                                                                               \
    switch (line->dtype) {                                                                                    \
      DSV_NARROW_KEY_TYPES(EMIT)                                                                              \
      DSV_WIDE_KEY_TYPES(EMIT)                                                                                \
      default: break;                                                                                         \
    }                                                                                                         \
  }

#define MAKE dsv_narrow_make
#define KEY dsv_narrow_key
#define POSITION dsv_narrow_position
DEFINE(narrow)
#undef MAKE
#undef KEY
#undef POSITION
#define MAKE dsv_wide_make
#define KEY dsv_wide_key
#define POSITION dsv_wide_position
DEFINE(wide)
