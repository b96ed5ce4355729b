// Random tensors, dropout and sampling, on the counter-based streams of ds_philox.h. Every result is a function of its
// key and of an element's row-major index alone: the same for every thread count, instruction set and memory layout.
//
// Outputs are views of any layout. Distributions write float32, float64, float16 and bfloat16; the 16-bit types get the
// float32 numbers, rounded. DS_INVALID_SHAPE stands for a bad view, or for parameters that name no distribution
// (a negative deviation, NaN, an empty range).
#ifndef DS_RANDOM_H
#define DS_RANDOM_H

#include "ds_common.h"
#include "ds_philox.h"

#ifdef __cplusplus
extern "C" {
#endif

// Uniform on [low, high), never `high` itself, in the output's own precision. Element i comes from word i (24 bits);
// in float64 from words 2i and 2i + 1 (53 bits). low == high gives that number.
ds_status ds_random_uniform(const ds_view *out, ds_random_key key, double low, double high);

// Normal by Box and Muller ("A note on the generation of random normal deviates", 1958). Elements 2k and 2k + 1 come
// from words 2k and 2k + 1, and reach 6.6 deviations; in float64 from block k, and reach 8.5.
ds_status ds_random_normal(const ds_view *out, ds_random_key key, double mean, double deviation);

// Normal, conditioned on [low, high], by the inverse of its distribution function. Element i comes from word i, in
// float32 (float64 outputs hold the float32 numbers). low <= high; infinite bounds are allowed. Beyond 12 deviations
// from the mean the density is below float32, and the nearer bound is returned.
ds_status ds_random_truncated_normal(const ds_view *out, ds_random_key key, double mean, double deviation, double low,
                                     double high);

// The stream's words: element i of an int32 or uint32 output is word i, of an int64 or uint64 output words 2i (low half)
// and 2i + 1.
ds_status ds_random_bits(const ds_view *out, ds_random_key key);

// Integers in [low, high), for int8 ... int64 and uint8 outputs that can hold them. Element i is
// low + floor(w (high - low) / 2^64) with w the 64 bits of words 2i and 2i + 1: no value is likelier than another by
// more than 2^-64 (Lemire, "Fast random integer generation in an interval", 2019, without the rejection).
ds_status ds_random_integers(const ds_view *out, ds_random_key key, int64_t low, int64_t high);

// True (or one) where word i < p 2^32, with p clamped to [0, 1]. Output: bool or one of the float types.
ds_status ds_random_bernoulli(const ds_view *out, ds_random_key key, double p);

// A permutation of 0 ..< n in an int64 or int32 view [n], by Fisher and Yates's shuffle. Serial: about 10 ns an element
// once n has outgrown the caches.
ds_status ds_random_permutation(const ds_view *out, ds_random_key key);

// For each row of logits [..., classes] an index drawn with probabilities softmax(logits), into an int64 view [...].
// Row r compares the 53 bits of words 2r and 2r + 1 with the running sum of the probabilities. A logit of -infinity is
// never drawn. DS_INDEX_OUT_OF_RANGE for a row from which nothing can be drawn: one with a NaN, +infinity, or no finite
// logit.
ds_status ds_random_categorical(const ds_view *logits, ds_random_key key, const ds_view *out);

// Dropout (Srivastava et al., JMLR 2014): x / (1 - p) where word i >= ds_dropout_threshold(p), 0 elsewhere. The same call
// on the gradient is its backward. p in [0, 1]; with 1, all is 0. x and out: one shape and type; out may be x itself.
ds_status ds_dropout(const ds_view *x, ds_random_key key, double p, const ds_view *out);

// residual + dropout(x) in one pass. `residual` has x's shape and type; out may be either of them.
ds_status ds_dropout_add(const ds_view *x, ds_random_key key, double p, const ds_view *residual, const ds_view *out);

#ifdef __cplusplus
}
#endif
#endif
