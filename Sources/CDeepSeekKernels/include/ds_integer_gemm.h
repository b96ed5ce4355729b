// Matrix products of whole numbers, exact in the operands' type: what does not fit wraps around, as in NumPy and PyTorch.
#ifndef DS_INTEGER_GEMM_H
#define DS_INTEGER_GEMM_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// out [..., m, n] = a [..., m, k] b [..., k, n] in int8, uint8, int16, int32 or int64, the same on all three. The leading
// dimensions of all are the same; a repeats a matrix by a stride of zero. `a` may have any strides; the rows of `b` must
// stand without gaps between their elements; `out` is contiguous and overlaps neither. Signed and unsigned numbers have
// one product, modulo 2 to the number of bits. DS_INVALID_SHAPE for anything else.
ds_status ds_integer_gemm(const ds_view *a, const ds_view *b, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
