#include <math.h>

#include "loss_internal.h"

loss_row loss_scan_double(const double *x, int64_t count, bool smoothed, const double *weights) {
  loss_row row = {.maximum = -INFINITY};
  for (int64_t i = 0; i < count; i++) row.maximum = x[i] > row.maximum ? x[i] : row.maximum;
  double shift = row.maximum == -INFINITY ? 0.0 : row.maximum;
  for (int64_t i = 0; i < count; i++) {
    row.sum += exp(x[i] - shift);
    if (smoothed) row.weighted += weights == NULL ? x[i] : x[i] * weights[i];
  }
  return row;
}

void loss_gradient_double(const double *x, int64_t count, double lse, double a, double b, const double *weights,
                          double *out) {
  for (int64_t i = 0; i < count; i++) out[i] = a * exp(x[i] - lse) - b * (weights == NULL ? 1.0 : weights[i]);
}
