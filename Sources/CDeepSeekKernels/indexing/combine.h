// What "add", "multiply", "max" and "min" mean for one element of each arithmetic type, and lists of the types to
// generate kernels from.
#ifndef DSV_COMBINE_H
#define DSV_COMBINE_H

#include "../views/halves.h"
#include "ds_common.h"

// X(dtype, suffix, storage type) for each arithmetic dtype.
#define DSV_ARITHMETIC_TYPES(X)        \
  X(DS_FLOAT32, float32, float)        \
  X(DS_FLOAT64, float64, double)       \
  X(DS_FLOAT16, float16, uint16_t)     \
  X(DS_BFLOAT16, bfloat16, uint16_t)   \
  X(DS_INT8, int8, int8_t)             \
  X(DS_UINT8, uint8, uint8_t)          \
  X(DS_INT16, int16, int16_t)          \
  X(DS_INT32, int32, int32_t)          \
  X(DS_INT64, int64, int64_t)          \
  X(DS_BOOL, boolean, uint8_t)

#define DSV_COMBINE_FLOAT(suffix, type)                                                                     \
  static inline type dsv_add_##suffix(type a, type b) { return a + b; }                                     \
  static inline type dsv_multiply_##suffix(type a, type b) { return a * b; }                                \
  static inline type dsv_max_##suffix(type a, type b) { return a != a ? a : b > a || b != b ? b : a; }      \
  static inline type dsv_min_##suffix(type a, type b) { return a != a ? a : b < a || b != b ? b : a; }

DSV_COMBINE_FLOAT(float32, float)
DSV_COMBINE_FLOAT(float64, double)

#define DSV_COMBINE_HALF(suffix)                                                                        \
  static inline uint16_t dsv_add_##suffix(uint16_t a, uint16_t b) {                                     \
    return dsv_store_##suffix(dsv_load_##suffix(a) + dsv_load_##suffix(b));                             \
  }                                                                                                     \
  static inline uint16_t dsv_multiply_##suffix(uint16_t a, uint16_t b) {                                \
    return dsv_store_##suffix(dsv_load_##suffix(a) * dsv_load_##suffix(b));                             \
  }                                                                                                     \
  static inline uint16_t dsv_max_##suffix(uint16_t a, uint16_t b) {                                     \
    return dsv_store_##suffix(dsv_max_float32(dsv_load_##suffix(a), dsv_load_##suffix(b)));             \
  }                                                                                                     \
  static inline uint16_t dsv_min_##suffix(uint16_t a, uint16_t b) {                                     \
    return dsv_store_##suffix(dsv_min_float32(dsv_load_##suffix(a), dsv_load_##suffix(b)));             \
  }

DSV_COMBINE_HALF(float16)
DSV_COMBINE_HALF(bfloat16)

// The overflow builtins wrap without undefined behaviour, for signed types too.
#define DSV_COMBINE_INTEGER(suffix, type)                                            \
  static inline type dsv_add_##suffix(type a, type b) {                              \
    type result;                                                                     \
    (void)__builtin_add_overflow(a, b, &result);                                     \
    return result;                                                                   \
  }                                                                                  \
  static inline type dsv_multiply_##suffix(type a, type b) {                         \
    type result;                                                                     \
    (void)__builtin_mul_overflow(a, b, &result);                                     \
    return result;                                                                   \
  }                                                                                  \
  static inline type dsv_max_##suffix(type a, type b) { return b > a ? b : a; }      \
  static inline type dsv_min_##suffix(type a, type b) { return b < a ? b : a; }

DSV_COMBINE_INTEGER(int8, int8_t)
DSV_COMBINE_INTEGER(uint8, uint8_t)
DSV_COMBINE_INTEGER(int16, int16_t)
DSV_COMBINE_INTEGER(int32, int32_t)
DSV_COMBINE_INTEGER(int64, int64_t)

static inline uint8_t dsv_add_boolean(uint8_t a, uint8_t b) { return a | b; }
static inline uint8_t dsv_multiply_boolean(uint8_t a, uint8_t b) { return a & b; }
static inline uint8_t dsv_max_boolean(uint8_t a, uint8_t b) { return a | b; }
static inline uint8_t dsv_min_boolean(uint8_t a, uint8_t b) { return a & b; }

#endif
