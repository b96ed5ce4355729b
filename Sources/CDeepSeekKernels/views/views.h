// What the indexing, sorting, convolution, pooling and recurrent kernels share about views: checking them, copying
// them, and reading index tensors. Private to the C target.
#ifndef DSV_VIEWS_H
#define DSV_VIEWS_H

#include "ds_common.h"
#include "halves.h"

// A piece of parallel work is not worth waking a thread for below about this many bytes moved.
enum { DSV_GRAIN_BYTES = 32768 };

// The size of an element in bytes; 0 for a number that is no ds_dtype.
static inline int64_t dsv_element_size(int32_t dtype) {
  static const uint8_t sizes[DS_DTYPE_COUNT] = {4, 8, 2, 2, 1, 1, 2, 4, 8, 1, 8, 1, 1, 2, 4, 8};
  return dtype >= 0 && dtype < DS_DTYPE_COUNT ? sizes[dtype] : 0;
}

// The number of elements of a valid view.
static inline int64_t dsv_count(const ds_view *view) {
  int64_t count = 1;
  for (int32_t i = 0; i < view->rank; i++) count *= view->shape[i];
  return count;
}

// The product of shape[begin ..< end] of a valid view.
static inline int64_t dsv_extent(const ds_view *view, int32_t begin, int32_t end) {
  int64_t count = 1;
  for (int32_t i = begin; i < end; i++) count *= view->shape[i];
  return count;
}

static inline bool dsv_same_shape(const ds_view *a, const ds_view *b) {
  if (a->rank != b->rank) return false;
  for (int32_t i = 0; i < a->rank; i++) {
    if (a->shape[i] != b->shape[i]) return false;
  }
  return true;
}

// Makes a negative axis count from the end; false when it names no axis.
static inline bool dsv_resolve_axis(int32_t *axis, int32_t rank) {
  if (*axis < 0) *axis += rank;
  return *axis >= 0 && *axis < rank;
}

static inline bool dsv_is_float(int32_t dtype) { return dtype >= DS_FLOAT32 && dtype <= DS_BFLOAT16; }

// At least one index, so that a loop's pieces move DSV_GRAIN_BYTES or more.
static inline int64_t dsv_grain(int64_t bytes_per_index) {
  if (bytes_per_index < 1) bytes_per_index = 1;
  int64_t grain = DSV_GRAIN_BYTES / bytes_per_index;
  return grain < 1 ? 1 : grain;
}

// DS_OK when the dtype is known, the rank in range, no dimension negative, the size in bytes fits in 63 bits, and
// there is data unless the view is empty.
ds_status dsv_check(const ds_view *view);

// dsv_check, and contiguous in row-major order: what every output has to be.
ds_status dsv_check_output(const ds_view *view);

bool dsv_is_contiguous(const ds_view *view);

// Fills `strides` with those of a contiguous view of this shape.
void dsv_contiguous_strides(const ds_view *view, int64_t strides[DS_MAX_RANK]);

// Copies elements of `size` bytes between two layouts of one shape. Parallel; memcpy where both sides allow it.
void dsv_copy(void *to, const int64_t *to_strides, const void *from, const int64_t *from_strides, const int64_t *shape,
              int32_t rank, int64_t size);

// The view's elements in row-major order. Points into the view when it is contiguous, else at a copy, which is also
// put in *owned for the caller to free (NULL otherwise).
ds_status dsv_pack(const ds_view *view, const void **data, void **owned);

// Copies `x` into the contiguous `out` of the same shape; nothing to do when they are the same memory.
ds_status dsv_copy_view(const ds_view *x, const ds_view *out);

// The elements of an int64 or int32 view in row-major order, every one proven to be in 0 ..< limit after negative
// ones have had `limit` added. Points into the view when it can; *owned as with dsv_pack.
ds_status dsv_indices(const ds_view *index, int64_t limit, const int64_t **indices, void **owned);

// malloc for count * size bytes; NULL on overflow. Never asks for zero bytes.
void *dsv_allocate(int64_t count, int64_t size);

#endif
