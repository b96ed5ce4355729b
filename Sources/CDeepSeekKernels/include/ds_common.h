// Types that every kernel family shares: element types, views of tensors, and the way errors come back.
#ifndef DS_COMMON_H
#define DS_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The largest rank that a view can have.
enum { DS_MAX_RANK = 8 };

// Element types. The first ten take part in arithmetic; the rest are for storage (load, save, cast).
typedef enum ds_dtype {
  DS_FLOAT32 = 0,
  DS_FLOAT64 = 1,
  DS_FLOAT16 = 2,
  DS_BFLOAT16 = 3,
  DS_INT8 = 4,
  DS_UINT8 = 5,
  DS_INT16 = 6,
  DS_INT32 = 7,
  DS_INT64 = 8,
  DS_BOOL = 9,  // one byte, 0 or 1
  DS_COMPLEX64 = 10,
  DS_FLOAT8_E4M3 = 11,  // the "fn" form: no infinity
  DS_FLOAT8_E5M2 = 12,
  DS_UINT16 = 13,
  DS_UINT32 = 14,
  DS_UINT64 = 15,
  DS_DTYPE_COUNT = 16
} ds_dtype;

// A tensor as a kernel sees it. Strides are in elements and may be zero (broadcast) or negative (flip).
// `data` points at the element whose indices are all zero. An output is never a broadcast view.
typedef struct ds_view {
  void *data;
  int32_t dtype;  // ds_dtype
  int32_t rank;
  int64_t shape[DS_MAX_RANK];
  int64_t strides[DS_MAX_RANK];
} ds_view;

// What a kernel returns. Kernels never abort: the caller turns a status into a message.
typedef enum ds_status {
  DS_OK = 0,
  DS_UNSUPPORTED_DTYPE = 1,  // no kernel for this element type
  DS_INVALID_SHAPE = 2,      // shapes that the kernel's contract forbids
  DS_INDEX_OUT_OF_RANGE = 3,
  DS_OUT_OF_MEMORY = 4
} ds_status;

#ifdef __cplusplus
}
#endif
#endif
