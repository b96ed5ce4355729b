// float16 and bfloat16 as bits, to and from float32. Integer arithmetic alone, so that every compiler target has it and
// loops over it vectorize; rounding is to nearest, ties to even, and NaN stays NaN.
#ifndef DSV_HALVES_H
#define DSV_HALVES_H

#include <stdint.h>
#include <string.h>

static inline float dsv_float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t dsv_bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float dsv_load_float16(uint16_t half) {
  uint32_t shifted = (uint32_t)(half & 0x7fffu) << 13;
  // The product moves the exponent's bias from 15 to 127 and makes subnormal halves normal on the way.
  uint32_t finite = dsv_bits_of_float(dsv_float_of_bits(shifted) * 0x1p112f);
  uint32_t magnitude = (half & 0x7c00u) == 0x7c00u ? shifted | 0x7f800000u : finite;
  return dsv_float_of_bits(magnitude | (uint32_t)(half & 0x8000u) << 16);
}

static inline uint16_t dsv_store_float16(float value) {
  uint32_t bits = dsv_bits_of_float(value), sign = bits >> 16 & 0x8000u, a = bits & 0x7fffffffu;
  // 0.5 has the spacing of a subnormal half (2^-24), so the addition rounds to it.
  uint32_t subnormal = dsv_bits_of_float(dsv_float_of_bits(a) + 0.5f) - 0x3f000000u;
  uint32_t normal = (a + 0xfffu + (a >> 13 & 1u) - 0x38000000u) >> 13;
  uint32_t large = a > 0x7f800000u ? 0x7e00u : 0x7c00u;
  uint32_t magnitude = a >= 0x47800000u ? large : a < 0x38800000u ? subnormal : normal;
  return (uint16_t)(sign | magnitude);
}

static inline float dsv_load_bfloat16(uint16_t half) { return dsv_float_of_bits((uint32_t)half << 16); }

static inline uint16_t dsv_store_bfloat16(float value) {
  uint32_t bits = dsv_bits_of_float(value);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  uint32_t quiet = bits >> 16 | 0x40u;
  return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

#endif
