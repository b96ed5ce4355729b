// Between float and the two 16-bit formats, over contiguous elements. Internal to the kernels.
#ifndef DS_CONVERT_H
#define DS_CONVERT_H

#include "../include/ds_common.h"

// Narrowing rounds to nearest, ties to even; beyond the range it gives infinity; a NaN stays one.
typedef struct ds_convert_kernels {
  void (*from_half)(const uint16_t *from, float *to, int64_t count);
  void (*to_half)(const float *from, uint16_t *to, int64_t count);
  void (*from_bfloat)(const uint16_t *from, float *to, int64_t count);
  void (*to_bfloat)(const float *from, uint16_t *to, int64_t count);
} ds_convert_kernels;

extern const ds_convert_kernels ds_convert_portable;
#if defined(__x86_64__)
extern const ds_convert_kernels ds_convert_avx2, ds_convert_avx512;
#elif defined(__aarch64__)
extern const ds_convert_kernels ds_convert_neon;
#endif

const ds_convert_kernels *ds_convert_current(void);

#endif
