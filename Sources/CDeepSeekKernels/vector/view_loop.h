// Walking views: several views of one shape are merged into the fewest dimensions, and their elements handed to an inner
// loop as contiguous blocks of the types it computes on. Internal to the kernels.
#ifndef DS_VIEW_LOOP_H
#define DS_VIEW_LOOP_H

#include "table.h"

enum {
  MAX_INPUTS = 4,
  // Elements that are gathered or converted at a time: small enough that the buffers stay in the first-level cache.
  BLOCK = 512,
  // From how many elements a second thread is worth waking: for loops bound by memory, and for those that compute.
  GRAIN_LIGHT = 32768,
  GRAIN_HEAVY = 4096
};

// Room for BLOCK elements of any type.
typedef char block_buffer[BLOCK * 8] __attribute__((aligned(64)));

// Elements as bits, for loops that move them without asking what they mean.
typedef uint16_t bits16 __attribute__((may_alias));
typedef uint32_t bits32 __attribute__((may_alias));
typedef uint64_t bits64 __attribute__((may_alias));

// Bytes of one element.
static inline int64_t dtype_size(int32_t dtype) {
  static const int8_t sizes[DS_DTYPE_COUNT] = {4, 8, 2, 2, 1, 1, 2, 4, 8, 1, 8, 1, 1, 2, 4, 8};
  return sizes[dtype];
}
static inline bool is_half(int32_t dtype) { return dtype == DS_FLOAT16 || dtype == DS_BFLOAT16; }
static inline bool is_float(int32_t dtype) { return dtype >= DS_FLOAT32 && dtype <= DS_BFLOAT16; }
// The type that a dtype is computed in.
static inline int32_t computed_dtype(int32_t dtype) { return is_half(dtype) ? DS_FLOAT32 : dtype; }

// Whether rank, dtype and shape are what a view may have.
bool ds_view_valid(const ds_view *view);
bool ds_view_same_shape(const ds_view *a, const ds_view *b);
// Whether the elements lie in row-major order without gaps (dimensions of size 1 may have any stride).
bool ds_view_contiguous(const ds_view *view);
int64_t ds_view_count(const ds_view *view);

// Several views of one shape with dimensions of size 1 dropped and neighbours merged where every view permits.
typedef struct merged {
  int32_t rank;  // at least 1
  int64_t count;
  int64_t shape[DS_MAX_RANK];
  int64_t strides[MAX_INPUTS + 1][DS_MAX_RANK];
} merged;
void ds_view_merge(merged *m, const ds_view *const views[], int32_t view_count);

// The offset of element `index` (row-major) in operand `operand`.
int64_t ds_view_offset(const merged *m, int32_t operand, int64_t index);

// Copies elements begin ..< begin + n (row-major) of an operand into contiguous memory.
void ds_view_gather(const merged *m, int32_t operand, const void *data, int64_t size, int64_t begin, int64_t n, void *to);
// The other way.
void ds_view_scatter(const merged *m, int32_t operand, void *data, int64_t size, int64_t begin, int64_t n, const void *from);

// n elements with a fixed stride, to and from contiguous memory.
void ds_view_gather_row(const void *from, int64_t stride, int64_t size, int64_t n, void *to);
void ds_view_scatter_row(void *to, int64_t stride, int64_t size, int64_t n, const void *from);

// What a block loop is given: contiguous inputs and output of the types it computes on.
typedef void (*block_body)(const void *context, const void *const inputs[], void *out, int64_t n);

// Runs `body` over all elements. Input k is handed over as computed[k], the output comes as computed_out, and both are
// converted from and to what the views hold. `out` is contiguous. Shared among threads in pieces of `grain`. `streamed`, or
// NULL, does the same to whole cache lines past the caches, without the fence at the end.
ds_status ds_view_map(int32_t inputs, const ds_view *const in[], const int32_t computed[], const ds_view *out,
                     int32_t computed_out, int64_t grain, block_body body, block_body streamed, const void *context);

// Contiguous conversion between any two dtypes, as ds_cast defines it.
void ds_convert_block(int32_t from_dtype, const void *from, int32_t to_dtype, void *to, int64_t n);

#endif
