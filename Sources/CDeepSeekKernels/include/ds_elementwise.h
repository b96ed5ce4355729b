// Elementwise kernels. Every operand is a whole view (any strides, rank up to 8); inputs have the output's shape already
// (a broadcast dimension has stride 0). Outputs are contiguous and row-major unless a function says otherwise, and may
// be the very memory of an input of the same layout and element size. Empty tensors and rank 0 are fine.
//
// float32 and float64 are computed in their own precision, float16 and bfloat16 through float32 and rounded to
// nearest even. Integers wrap. float32 functions are within 2 ULP (exp, log, tanh, erf families), else within 4, over
// the whole range, except where a comment says otherwise; NaN goes through. Large work is shared among the threads.
#ifndef DS_ELEMENTWISE_H
#define DS_ELEMENTWISE_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// Functions of one tensor. "Integers" below are int8, uint8, int16, int32 and int64.
typedef enum ds_unary_op {
  // floats and integers
  DS_UNARY_NEGATE,
  DS_UNARY_ABS,   // the smallest integer stays itself
  DS_UNARY_SIGN,  // -1, 0 or 1; zeros and NaN stay themselves
  DS_UNARY_SQUARE,
  DS_UNARY_RELU,
  DS_UNARY_HARD_TANH,        // clamped to parameters[0] ... parameters[1]
  DS_UNARY_ADD_SCALAR,       // x + parameters[0]
  DS_UNARY_MULTIPLY_SCALAR,  // x * parameters[0]
  DS_UNARY_FLOOR,
  DS_UNARY_CEIL,
  DS_UNARY_ROUND,  // halves to even
  DS_UNARY_TRUNC,
  // floats
  DS_UNARY_SQRT,
  DS_UNARY_RSQRT,
  DS_UNARY_RECIPROCAL,
  DS_UNARY_EXP,
  DS_UNARY_EXP2,
  DS_UNARY_EXPM1,
  DS_UNARY_LOG,
  DS_UNARY_LOG2,
  DS_UNARY_LOG10,
  DS_UNARY_LOG1P,
  DS_UNARY_SIN,
  DS_UNARY_COS,
  DS_UNARY_TAN,
  DS_UNARY_ASIN,
  DS_UNARY_ACOS,
  DS_UNARY_ATAN,
  DS_UNARY_SINH,
  DS_UNARY_COSH,
  DS_UNARY_TANH,
  DS_UNARY_ASINH,
  DS_UNARY_ACOSH,
  DS_UNARY_ATANH,
  DS_UNARY_ERF,
  DS_UNARY_SIGMOID,
  DS_UNARY_GELU,         // x Phi(x); 8 ULP below -6; -infinity gives -0 (so do silu and mish)
  DS_UNARY_GELU_TANH,    // its approximation by tanh; left of -2 the relative error grows with x^4, to 200 ULP at -10
  DS_UNARY_SILU,         // x sigmoid(x)
  DS_UNARY_SOFTPLUS,     // log(1 + e^(beta x)) / beta, or x where beta x > threshold; parameters: beta, threshold
  DS_UNARY_ELU,          // x, or alpha (e^x - 1) for negative x; parameters: alpha
  DS_UNARY_LEAKY_RELU,   // x, or slope x for negative x; parameters: slope
  DS_UNARY_HARD_SIGMOID,  // x / 6 + 1/2, kept within 0 ... 1
  DS_UNARY_HARD_SWISH,    // x hardsigmoid(x)
  DS_UNARY_MISH,         // x tanh(softplus(x))
  DS_UNARY_LOG_SIGMOID,
  // bool out; floats, integers and bool in (the last three: false for what cannot be)
  DS_UNARY_LOGICAL_NOT,
  DS_UNARY_IS_NAN,
  DS_UNARY_IS_INFINITE,
  DS_UNARY_IS_FINITE,
  // integers, and bool (where it is logical not)
  DS_UNARY_BITWISE_NOT,
  DS_UNARY_COUNT
} ds_unary_op;

// out = op(x). `out` has x's dtype, or bool where the operation says so. `parameters` holds what the operation names
// (as doubles; cut to the integer's range for integers) and may be NULL for the others.
ds_status ds_unary(ds_unary_op op, const ds_view *x, const double *parameters, const ds_view *out);

// out = dy * op'(…). What the slope is worked out from: y = op(x) for sigmoid, tanh; x or y alike for relu; x for
// gelu, gelu_tanh, silu, softplus, elu, leaky_relu, hardsigmoid, hardswish, mish, log_sigmoid, hard_tanh, abs, exp2, erf,
// square (others: DS_UNSUPPORTED_DTYPE). Same parameters as forward. At a kink the slope is 0 (leaky_relu: the
// slope). Floats; all of one dtype.
ds_status ds_unary_backward(ds_unary_op op, const ds_view *x_or_y, const ds_view *dy, const double *parameters,
                            const ds_view *out);

// Functions of two tensors of one dtype.
typedef enum ds_binary_op {
  // floats and integers; bool: add and maximum are or, multiply and minimum are and, the others not defined
  DS_BINARY_ADD,
  DS_BINARY_SUBTRACT,
  DS_BINARY_MULTIPLY,
  DS_BINARY_MAXIMUM,  // NaN wins
  DS_BINARY_MINIMUM,  // NaN wins
  DS_BINARY_DIVIDE,        // integers: towards zero, and 0 where the divisor is 0
  DS_BINARY_FLOOR_DIVIDE,  // rounded down; integers: 0 where the divisor is 0
  DS_BINARY_REMAINDER,     // the sign of the divisor, as Python's %; integers: 0 where the divisor is 0
  DS_BINARY_FMOD,          // the sign of the dividend, as C's; integers: 0 where the divisor is 0
  DS_BINARY_POWER,         // integers: negative exponents give 0, save for the bases 1 and -1
  // floats
  DS_BINARY_ATAN2,
  // bool out; floats, integers and bool
  DS_BINARY_EQUAL,
  DS_BINARY_NOT_EQUAL,
  DS_BINARY_LESS,
  DS_BINARY_LESS_EQUAL,
  DS_BINARY_GREATER,
  DS_BINARY_GREATER_EQUAL,
  DS_BINARY_LOGICAL_AND,
  DS_BINARY_LOGICAL_OR,
  DS_BINARY_LOGICAL_XOR,
  // integers and bool
  DS_BINARY_BITWISE_AND,
  DS_BINARY_BITWISE_OR,
  DS_BINARY_BITWISE_XOR,
  // integers; a count that is negative or not below the width gives 0 (right shifts of negative numbers: -1)
  DS_BINARY_SHIFT_LEFT,
  DS_BINARY_SHIFT_RIGHT,
  DS_BINARY_COUNT
} ds_binary_op;

// out = op(x, y), elementwise. `out` has x's dtype, or bool where the operation says so.
ds_status ds_binary(ds_binary_op op, const ds_view *x, const ds_view *y, const ds_view *out);

// out = condition ? x : y. `condition` is bool; x, y and out share any one dtype.
ds_status ds_where(const ds_view *condition, const ds_view *x, const ds_view *y, const ds_view *out);

// Numbers as they come back from few bits, and their gradients. With r = x / scale and q = roundeven(r) + zero_point, which is
// kept within lowest ... highest:
typedef enum ds_fake_quantize_part {
  DS_FAKE_QUANTIZE_VALUE,  // (kept q - zero_point) * scale; `above` is not read
  DS_FAKE_QUANTIZE_INPUT,  // above where q was within, 0 elsewhere
  DS_FAKE_QUANTIZE_SCALE,  // above * (q - zero_point - r) where q was within, above * (kept q - zero_point) elsewhere
  DS_FAKE_QUANTIZE_ZERO,   // 0 where q was within, -(above * scale) elsewhere
  DS_FAKE_QUANTIZE_PARTS
} ds_fake_quantize_part;

// One part in one pass over memory. All views share one shape (strides of 0 repeat) and one floating dtype; `out` is contiguous.
// Each step is rounded by itself, 16-bit types are computed in float32. NaN counts as within.
ds_status ds_fake_quantize(ds_fake_quantize_part part, const ds_view *x, const ds_view *scale, const ds_view *zero_point,
                           const ds_view *above, double lowest, double highest, const ds_view *out);

// Sets every element of `out` (any strides) to the one at `element`, which has out's dtype.
ds_status ds_fill(const ds_view *out, const void *element);

// out[i] = start + i * step, i the row-major index, worked out in double (int64: in integers where start and step
// are whole) and rounded to out's dtype. The ten arithmetic dtypes but bool.
ds_status ds_arange(const ds_view *out, double start, double step);

// Converts between any two of the sixteen dtypes; `out` may be strided, so this is the strided copy as well. Integer to
// integer wraps. Float to integer truncates towards zero; NaN gives 0 and what is out of range the nearest integer of
// the type (uint8, int8, int16, uint16: the 32-bit integer so found, wrapped). Anything to bool: is it nonzero.
// Float to a smaller float rounds to nearest even; float8_e4m3 has no infinity, and what is beyond ±448 (by more than
// rounding) becomes NaN. Complex to real drops the imaginary part; real to complex has none. x and out must not
// overlap unless they are the same view.
ds_status ds_cast(const ds_view *x, const ds_view *out);

// Whether every element is neither NaN nor infinite (always so for integers). Complex: both parts.
ds_status ds_all_finite(const ds_view *x, bool *result);

// out += scale * x; floats of one dtype, `out` contiguous.
ds_status ds_accumulate(const ds_view *x, const ds_view *out, double scale);

// The sum of x^2 over all elements, for gradient norms; floats. Summed in double; the same for any number of threads.
ds_status ds_sum_squares(const ds_view *x, double *result);

#ifdef __cplusplus
}
#endif
#endif
