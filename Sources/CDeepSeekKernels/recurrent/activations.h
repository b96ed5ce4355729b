// Sigmoid and tanh that loops over them vectorize: no calls, no branches. Within about 2 ULP in float32.
#ifndef DSV_ACTIVATIONS_H
#define DSV_ACTIVATIONS_H

#include <math.h>

#include "../views/halves.h"

// e^x for |x| up to 87, and e^±87 beyond: what the two functions below need. x = n ln 2 + r, and the Taylor polynomial
// of degree 7 is exact to 2^-27 for |r| <= ln 2 / 2. NaN stays NaN.
static inline float dsv_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  float shifted = x * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
  // ln 2 in two parts, the first short enough for n times it to be exact.
  float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * dsv_float_of_bits((dsv_bits_of_float(shifted) + 127u) << 23);
}

static inline float dsv_sigmoid_float(float x) { return 1.0f / (1.0f + dsv_exp(-x)); }
static inline double dsv_sigmoid_double(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline float dsv_tanh_float(float x) {
  float magnitude = fabsf(x), e = dsv_exp(-2 * magnitude);
  float large = copysignf((1 - e) / (1 + e), x);
  // Near zero the quotient cancels; the Taylor polynomial does not.
  float s = x * x, p = 62.0f / 2835;
  p = p * s - 17.0f / 315;
  p = p * s + 2.0f / 15;
  p = p * s - 1.0f / 3;
  float small = x + x * s * p;
  return magnitude < 0.3f ? small : large;
}
static inline double dsv_tanh_double(double x) { return tanh(x); }

#define DSV_SIGMOID(x) _Generic((x), double: dsv_sigmoid_double, default: dsv_sigmoid_float)(x)
#define DSV_TANH(x) _Generic((x), double: dsv_tanh_double, default: dsv_tanh_float)(x)

#endif
