// Reading and writing by index: gather and scatter in their several forms, masks, padding, concatenation.
//
// Every function takes whole views. Inputs may have any strides; an output is contiguous in row-major order, has the
// shape stated, and does not overlap an input unless that is said. Index tensors are int64 or int32; an index i < 0
// means i + size of the axis, and one still outside gives DS_INDEX_OUT_OF_RANGE with nothing read or written out of
// bounds. Kernels that only move data take every ds_dtype; those that add or compare take the ten arithmetic ones.
// Results do not depend on the number of threads.
#ifndef DS_INDEXING_H
#define DS_INDEXING_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a scattered element meets the one already there. Applied in the order of the indices. Integers wrap; with
// DS_SCATTER_MAX and MIN a NaN on either side wins; for bool, add and max are "or", multiply and min are "and".
typedef enum ds_scatter_mode {
  DS_SCATTER_SET = 0,  // where an index repeats, its last occurrence stays
  DS_SCATTER_ADD = 1,
  DS_SCATTER_MULTIPLY = 2,
  DS_SCATTER_MAX = 3,
  DS_SCATTER_MIN = 4
} ds_scatter_mode;

// out[…, a, …] = x[…, index[…, a, …], …] with a on `axis`; out has index's shape. index has x's rank and is no larger
// than x in any other axis.
ds_status ds_gather(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *out);

// out = x, then out[…, index[…, a, …], …] `mode`= source[…, a, …]; source has index's shape, out has x's and may be
// the same memory as x.
ds_status ds_scatter(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *source, ds_scatter_mode mode,
                     const ds_view *out);

// out = x with `axis` replaced by its entries index[0], index[1], …; index has rank 1.
ds_status ds_index_select(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *out);

// out = x, then entry index[a] of `axis` gets entry a of source added; index has rank 1, out may be the same memory
// as x. float16 and bfloat16 are summed in float32 and rounded once.
ds_status ds_index_add(const ds_view *x, int32_t axis, const ds_view *index, const ds_view *source,
                       const ds_view *out);

// out[i] = the element at position index[i] of x read in row-major order; out has index's shape.
ds_status ds_take(const ds_view *x, const ds_view *index, const ds_view *out);

// The embedding lookup: weight [V, D], index of any shape, out [index's shape…, D].
ds_status ds_gather_rows(const ds_view *weight, const ds_view *index, const ds_view *out);

// Its gradient, added into dweight [V, D]: dweight[index[i]] += dy[i] for dy [index's shape…, D]. Rows of index equal
// to padding_index are left out (any negative padding_index: none is). float16 and bfloat16 as in ds_index_add.
ds_status ds_gather_rows_backward(const ds_view *dy, const ds_view *index, int64_t padding_index,
                                  const ds_view *dweight);

// ONNX GatherND: index [batch…, n…, k] with `batch_axes` leading axes shared with x names a slice of x after those axes
// by k indices; out [batch…, n…, x's remaining axes].
ds_status ds_gather_nd(const ds_view *x, const ds_view *index, int32_t batch_axes, const ds_view *out);

// ONNX ScatterND: out = x, then out[index[i]] `mode`= source[i], where index [n…, k] names slices of x and source is
// [n…, x's axes from k on]; out may be the same memory as x.
ds_status ds_scatter_nd(const ds_view *x, const ds_view *index, const ds_view *source, ds_scatter_mode mode,
                        const ds_view *out);

// How many elements of x are not zero (NaN is not).
ds_status ds_nonzero_count(const ds_view *x, int64_t *count);

// Their indices in row-major order: out int64 [count, rank of x].
ds_status ds_nonzero(const ds_view *x, const ds_view *out);

// The elements of x where mask (bool, x's shape) is set, in row-major order: out [ds_nonzero_count of the mask].
ds_status ds_masked_select(const ds_view *x, const ds_view *mask, const ds_view *out);

// out = x, with the elements where mask is set replaced by source's, in row-major order; source has at least as many
// elements as mask has set. The gradient of ds_masked_select. out may be the same memory as x.
ds_status ds_masked_scatter(const ds_view *x, const ds_view *mask, const ds_view *source, const ds_view *out);

// out = mask ? *value : x, where value points at one element of x's dtype. out may be the same memory as x.
ds_status ds_masked_fill(const ds_view *x, const ds_view *mask, const void *value, const ds_view *out);

// What padding puts around a tensor.
typedef enum ds_pad_mode {
  DS_PAD_CONSTANT = 0,
  DS_PAD_REFLECT = 1,    // mirrored without the border element; padding < the axis' size
  DS_PAD_REPLICATE = 2,  // the border element
  DS_PAD_CIRCULAR = 3    // the other side; padding <= the axis' size
} ds_pad_mode;

// Each axis i grown by before[i] and after[i] elements (negative ones crop). value points at one element of x's dtype,
// for DS_PAD_CONSTANT; NULL means zero.
ds_status ds_pad(const ds_view *x, const int64_t *before, const int64_t *after, ds_pad_mode mode, const void *value,
                 const ds_view *out);

// Its gradient: dx[i] = the sum of dy over the places that show x[i]; floats only. dx is overwritten.
ds_status ds_pad_backward(const ds_view *dy, const int64_t *before, const int64_t *after, ds_pad_mode mode,
                          const ds_view *dx);

// out[…, (i + shifts[a]) mod size, …] = x[…, i, …] for each axis a; out has x's shape.
ds_status ds_roll(const ds_view *x, const int64_t *shifts, const ds_view *out);

// The views one after the other along `axis`; all of out's dtype, and of its shape save along the axis.
ds_status ds_concatenate(int32_t count, const ds_view *views, int32_t axis, const ds_view *out);

// out [index's shape…, depth]: *on where the last index equals index's value, else *off; both point at one element of
// out's dtype.
ds_status ds_one_hot(const ds_view *index, const void *on, const void *off, const ds_view *out);

// x [batch…, rows, columns] with zeros where column - row > offset (upper false: tril) or column - row < offset (upper
// true: triu). out may be the same memory as x.
ds_status ds_triangular(const ds_view *x, int64_t offset, bool upper, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
