// Elements as unsigned integers whose order is the elements' order: -0 and +0 get one key, and so do all NaN, the
// greatest of their width. An element can be told from its key alone unless dsv_key_is_shared says otherwise.
#ifndef DSV_KEYS_H
#define DSV_KEYS_H

#include <string.h>

#include "ds_common.h"

// X(dtype, suffix, storage type) for the types whose keys fit in 32 bits, and for those that need 64.
#define DSV_NARROW_KEY_TYPES(X)      \
  X(DS_FLOAT32, float32, uint32_t)   \
  X(DS_FLOAT16, float16, uint16_t)   \
  X(DS_BFLOAT16, bfloat16, uint16_t) \
  X(DS_INT8, int8, uint8_t)          \
  X(DS_UINT8, uint8, uint8_t)        \
  X(DS_INT16, int16, uint16_t)       \
  X(DS_INT32, int32, uint32_t)       \
  X(DS_BOOL, boolean, uint8_t)
#define DSV_WIDE_KEY_TYPES(X)      \
  X(DS_FLOAT64, float64, uint64_t) \
  X(DS_INT64, int64, uint64_t)

// Positive floats get the sign bit set; negative ones are inverted, so that larger magnitudes come first.
#define DSV_FLOAT_KEY(suffix, type, sign, infinity)                        \
  static inline type dsv_key_##suffix(type bits) {                         \
    type magnitude = bits & (type)~(type)(sign);                           \
    if (magnitude == 0) return (type)(sign);                               \
    if (magnitude > (infinity)) return (type) ~(type)0;                    \
    return bits & (sign) ? (type)~bits : (type)(bits | (sign));            \
  }                                                                        \
  static inline type dsv_element_##suffix(type key) {                      \
    return key & (sign) ? (type)(key ^ (sign)) : (type)~key;               \
  }                                                                        \
  static inline bool dsv_key_is_shared_##suffix(type key) {                \
    return key == (type)(sign) || key == (type) ~(type)0;                  \
  }
DSV_FLOAT_KEY(float32, uint32_t, 0x80000000u, 0x7f800000u)
DSV_FLOAT_KEY(float64, uint64_t, 0x8000000000000000u, 0x7ff0000000000000u)
DSV_FLOAT_KEY(float16, uint16_t, 0x8000u, 0x7c00u)
DSV_FLOAT_KEY(bfloat16, uint16_t, 0x8000u, 0x7f80u)

#define DSV_INTEGER_KEY(suffix, type, flip)                                              \
  static inline type dsv_key_##suffix(type bits) { return (type)(bits ^ (flip)); }       \
  static inline type dsv_element_##suffix(type key) { return (type)(key ^ (flip)); }     \
  static inline bool dsv_key_is_shared_##suffix(type key) {                              \
    (void)key;                                                                           \
    return false;                                                                        \
  }
DSV_INTEGER_KEY(int8, uint8_t, 0x80u)
DSV_INTEGER_KEY(uint8, uint8_t, 0u)
DSV_INTEGER_KEY(int16, uint16_t, 0x8000u)
DSV_INTEGER_KEY(int32, uint32_t, 0x80000000u)
DSV_INTEGER_KEY(int64, uint64_t, 0x8000000000000000u)
DSV_INTEGER_KEY(boolean, uint8_t, 0u)

#endif
