// Kernels of 3 x 3 in Winograd's form and back.
#ifndef DSV_WINOGRAD_KERNELS_H
#define DSV_WINOGRAD_KERNELS_H

#include "../../gemm_internal.h"

// G g G' for weight [groups * outputs, inputs, 3, 3], as the left-hand matrices of products: for each group and position
// `outputs * inputs` elements, packed as strips of the register tile. `mirrored`: weight is [groups * inputs, outputs, 3, 3]
// and each kernel is read backwards, as the gradient with respect to the input wants it.
void winograd_pack_kernels(const gemm_kernels *kernels, bool mirrored, int64_t groups, int64_t outputs, int64_t inputs,
                           const float *weight, float *strips);

// dweight [outputs, inputs, 3, 3] = G' S G for sums[position][output][input].
void winograd_restore_kernels(const float *sums, int64_t outputs, int64_t inputs, float *dweight);

#endif
