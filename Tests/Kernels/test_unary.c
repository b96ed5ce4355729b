// Functions of one tensor: their error in ULP against the C library in double precision over the whole range of
// float32, their slopes against differences in wider arithmetic, and the dtypes around.
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ds_elementwise.h"
#include "precise.h"
#include "views.h"

typedef struct function {
  ds_unary_op op;
  const char *name;
  precise (*value)(precise x, precise p, precise q);
  double parameters[2];
  double ulp;           // the largest error allowed in float32
  double low, high;     // where it is tested
} function;

#define F(NAME, EXPRESSION)                                                     \
  static precise NAME(precise x, precise p, precise q) {        \
    (void)p, (void)q;                                                           \
    return EXPRESSION;                                                          \
  }
static precise sigmoid_l(precise x) { return 1 / (1 + exp(-x)); }
static precise softplus_l(precise x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }
F(f_negate, -x)
F(f_abs, fabs(x))
F(f_sign, (x > 0) - (x < 0))
F(f_square, x * x)
F(f_relu, x > 0 ? x : x != x ? x : 0)
F(f_clamp, x < p ? p : x > q ? q : x)
F(f_add, x + (float)p)
F(f_multiply, x * (float)p)
F(f_floor, floor(x))
F(f_ceil, ceil(x))
F(f_round, rint(x))
F(f_trunc, trunc(x))
F(f_sqrt, sqrt(x))
F(f_rsqrt, 1 / sqrt(x))
F(f_reciprocal, 1 / x)
F(f_exp, exp(x))
F(f_exp2, exp2(x))
F(f_expm1, expm1(x))
F(f_log, log(x))
F(f_log2, log2(x))
F(f_log10, log10(x))
F(f_log1p, log1p(x))
F(f_sin, sin(x))
F(f_cos, cos(x))
F(f_tan, tan(x))
F(f_asin, asin(x))
F(f_acos, acos(x))
F(f_atan, atan(x))
F(f_sinh, sinh(x))
F(f_cosh, cosh(x))
F(f_tanh, tanh(x))
F(f_asinh, asinh(x))
F(f_acosh, acosh(x))
F(f_atanh, atanh(x))
F(f_erf, erf(x))
F(f_sigmoid, sigmoid_l(x))
F(f_gelu, x * PRECISE(0.5) * erfc(-x * PRECISE(0.70710678118654752440)))
F(f_gelu_tanh, x * sigmoid_l(2 * PRECISE(0.79788456080286535588) * (x + PRECISE(0.044715) * x * x * x)))
F(f_silu, x * sigmoid_l(x))
F(f_softplus, x * p > q ? x : softplus_l(x * p) / p)
F(f_elu, x > 0 ? x : p * expm1(x))
F(f_leaky, x > 0 ? x : x * (float)p)
F(f_hard_sigmoid, x <= -3 ? 0 : x >= 3 ? 1 : x / 6 + PRECISE(0.5))
F(f_hard_swish, x <= -3 ? 0 : x >= 3 ? x : x * (x / 6 + PRECISE(0.5)))
F(f_mish, x * tanh(softplus_l(x)))
F(f_log_sigmoid, -softplus_l(-x))

#define ALL -FLT_MAX, FLT_MAX
static const function functions[] = {
    {DS_UNARY_NEGATE, "negate", f_negate, {0}, 0, ALL},
    {DS_UNARY_ABS, "abs", f_abs, {0}, 0, ALL},
    {DS_UNARY_SIGN, "sign", f_sign, {0}, 0, ALL},
    {DS_UNARY_SQUARE, "square", f_square, {0}, 0.5, ALL},
    {DS_UNARY_RELU, "relu", f_relu, {0}, 0, ALL},
    {DS_UNARY_HARD_TANH, "hard_tanh", f_clamp, {-2, 3}, 0, ALL},
    {DS_UNARY_ADD_SCALAR, "add_scalar", f_add, {1.25}, 0.5, ALL},
    {DS_UNARY_MULTIPLY_SCALAR, "multiply_scalar", f_multiply, {1.1}, 0.5, ALL},
    {DS_UNARY_FLOOR, "floor", f_floor, {0}, 0, ALL},
    {DS_UNARY_CEIL, "ceil", f_ceil, {0}, 0, ALL},
    {DS_UNARY_ROUND, "round", f_round, {0}, 0, ALL},
    {DS_UNARY_TRUNC, "trunc", f_trunc, {0}, 0, ALL},
    {DS_UNARY_SQRT, "sqrt", f_sqrt, {0}, 0.5, 0, FLT_MAX},
    {DS_UNARY_RSQRT, "rsqrt", f_rsqrt, {0}, 2, 0, FLT_MAX},
    {DS_UNARY_RECIPROCAL, "reciprocal", f_reciprocal, {0}, 0.5, ALL},
    {DS_UNARY_EXP, "exp", f_exp, {0}, 2, -110, 90},
    {DS_UNARY_EXP2, "exp2", f_exp2, {0}, 2, -155, 130},
    {DS_UNARY_EXPM1, "expm1", f_expm1, {0}, 1, ALL},
    {DS_UNARY_LOG, "log", f_log, {0}, 1, 0, FLT_MAX},
    {DS_UNARY_LOG2, "log2", f_log2, {0}, 1, 0, FLT_MAX},
    {DS_UNARY_LOG10, "log10", f_log10, {0}, 1, 0, FLT_MAX},
    {DS_UNARY_LOG1P, "log1p", f_log1p, {0}, 1, -1, FLT_MAX},
    {DS_UNARY_SIN, "sin", f_sin, {0}, 2, ALL},
    {DS_UNARY_COS, "cos", f_cos, {0}, 2, ALL},
    {DS_UNARY_TAN, "tan", f_tan, {0}, 2, ALL},
    {DS_UNARY_ASIN, "asin", f_asin, {0}, 1, -1, 1},
    {DS_UNARY_ACOS, "acos", f_acos, {0}, 1, -1, 1},
    {DS_UNARY_ATAN, "atan", f_atan, {0}, 1, ALL},
    {DS_UNARY_SINH, "sinh", f_sinh, {0}, 1, -95, 95},
    {DS_UNARY_COSH, "cosh", f_cosh, {0}, 1, -95, 95},
    {DS_UNARY_TANH, "tanh", f_tanh, {0}, 2, ALL},
    {DS_UNARY_ASINH, "asinh", f_asinh, {0}, 1, ALL},
    {DS_UNARY_ACOSH, "acosh", f_acosh, {0}, 1, 1, FLT_MAX},
    {DS_UNARY_ATANH, "atanh", f_atanh, {0}, 1, -1, 1},
    {DS_UNARY_ERF, "erf", f_erf, {0}, 2, ALL},
    {DS_UNARY_SIGMOID, "sigmoid", f_sigmoid, {0}, 3, ALL},
    {DS_UNARY_GELU, "gelu", f_gelu, {0}, 8, -1000, FLT_MAX},
    {DS_UNARY_GELU_TANH, "gelu_tanh", f_gelu_tanh, {0}, 200, -1000, FLT_MAX},
    {DS_UNARY_SILU, "silu", f_silu, {0}, 4, ALL},
    {DS_UNARY_SOFTPLUS, "softplus", f_softplus, {1.5, 20}, 4, ALL},
    {DS_UNARY_ELU, "elu", f_elu, {1.5}, 1, ALL},
    {DS_UNARY_LEAKY_RELU, "leaky_relu", f_leaky, {0.01}, 0.5, ALL},
    {DS_UNARY_HARD_SIGMOID, "hard_sigmoid", f_hard_sigmoid, {0}, 4, -2.5, FLT_MAX},
    {DS_UNARY_HARD_SWISH, "hard_swish", f_hard_swish, {0}, 4, -2.5, FLT_MAX},
    {DS_UNARY_MISH, "mish", f_mish, {0}, 5, ALL},
    {DS_UNARY_LOG_SIGMOID, "log_sigmoid", f_log_sigmoid, {0}, 1, ALL},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

// The distance between a float and the exact value in units of the exact value's last place.
static double ulp_error(float actual, precise exact) {
  if (exact != exact) return actual != actual ? 0 : HUGE_VAL;
  if (actual == (float)exact) return 0;  // infinities among them
  if (actual != actual || isinf(actual)) return isinf(actual) && fabs(exact) > FLT_MAX * PRECISE(0.9999999) ? 0 : HUGE_VAL;
  int exponent;
  frexp(exact, &exponent);
  if (exponent < -125) exponent = -125;
  precise unit = ldexp(1, exponent - 24);
  return (double)(fabs((precise)actual - exact) / unit);
}

// A sweep through the bit patterns (so through every magnitude), with the neighbourhood of what is special.
static int64_t sweep(float *values, int64_t room, double low, double high) {
  int64_t n = 0;
  const float special[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, -0.5f, 0x1p-149f, -0x1p-149f, FLT_MIN, -FLT_MIN, 88.7f,
                           88.8f, -87.4f, -103.9f, 6.0f, -6.0f, -5.9999f, 0.625f, 0.9f, 3.1415927f, 1.5707964f,
                           6.2831855f, 1e5f, 100001.0f, 2.5f, 3.5f, -2.5f, 1e-4f};
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    if (special[i] >= low && special[i] <= high) values[n++] = special[i];
  }
  // Even in bits, then even in value.
  for (uint64_t bits = 0; bits < 0x100000000 && n < room / 2; bits += 300007) {
    uint32_t word = (uint32_t)bits;
    float x;
    memcpy(&x, &word, sizeof x);
    if (x >= low && x <= high) values[n++] = x;
  }
  double from = fmax(low, -20), to = fmin(high, 20);
  for (int64_t rest = room - n, i = 0; i < rest; i++) {
    values[n++] = (float)(from + (to - from) * ((double)i + 0.37) / (double)rest);
  }
  for (int64_t i = 0; i < n; i++) {
    if (!(values[i] >= low && values[i] <= high)) values[i] = (float)(low > -1e30 ? low : 1);
  }
  return n;
}

enum { ROOM = 40001 };
static float input[ROOM], output[ROOM];
static double wide_input[ROOM], wide_output[ROOM];

static void test_accuracy(void) {
  for (int k = 0; k < FUNCTIONS; k++) {
    const function *f = &functions[k];
    int64_t n = sweep(input, ROOM, f->low, f->high);
    ds_view x = vector_view(input, DS_FLOAT32, n), y = vector_view(output, DS_FLOAT32, n);
    CHECK(ds_unary(f->op, &x, f->parameters, &y) == DS_OK, "%s", f->name);
    double worst = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
      double error = ulp_error(output[i], f->value(input[i], f->parameters[0], f->parameters[1]));
      if (!(error <= worst)) worst = error, at = i;
    }
    // Zeros keep their sign through odd functions.
    for (int64_t i = 0; i < n && f->op >= DS_UNARY_FLOOR && f->op <= DS_UNARY_ERF; i++) {
      if (input[i] == 0 && output[i] == 0) {
        CHECK(!signbit(output[i]) == !signbit(f->value(input[i], f->parameters[0], f->parameters[1])),
              "the sign of %s(%g)", f->name, input[i]);
      }
    }
    if (getenv("SHOW_ULP")) printf("%-16s %6.2f ULP at %g\n", f->name, worst, input[at]);
    CHECK(worst <= f->ulp, "%s: %g ULP at %.9g: %.9g, exactly %.9g", f->name, worst, input[at], output[at],
          (double)f->value(input[at], f->parameters[0], f->parameters[1]));
    // float64: the same formulas, to a dozen digits.
    for (int64_t i = 0; i < n; i++) wide_input[i] = input[i];
    ds_view wx = vector_view(wide_input, DS_FLOAT64, n), wy = vector_view(wide_output, DS_FLOAT64, n);
    CHECK(ds_unary(f->op, &wx, f->parameters, &wy) == DS_OK, "%s in float64", f->name);
    for (int64_t i = 0; i < n; i += 7) {
      // The scalar parameters of the reference are floats.
      if (f->op == DS_UNARY_MULTIPLY_SCALAR || f->op == DS_UNARY_LEAKY_RELU) break;
      precise exact = f->value(wide_input[i], f->parameters[0], f->parameters[1]);
      if (fabs(exact) > DBL_MAX) exact = exact > 0 ? (precise)HUGE_VAL : -(precise)HUGE_VAL;
      CHECK_CLOSE(wide_output[i], (double)exact, 1e-300, f->op == DS_UNARY_GELU ? 1e-9 : 1e-10, "%s(%.17g) in float64",
                  f->name, wide_input[i]);
    }
    CHECK(ds_unary(f->op, &x, f->parameters, &x) == DS_OK && memcmp(input, output, (size_t)n * 4) == 0,
          "%s in place differs", f->name);
  }
}

static void test_special(void) {
  for (int k = 0; k < FUNCTIONS; k++) {
    const function *f = &functions[k];
    float in[3] = {NAN, INFINITY, -INFINITY}, out[3];
    double wide_in[3] = {NAN, HUGE_VAL, -HUGE_VAL}, wide_out[3];
    ds_view x = vector_view(in, DS_FLOAT32, 3), y = vector_view(out, DS_FLOAT32, 3);
    ds_view wx = vector_view(wide_in, DS_FLOAT64, 3), wy = vector_view(wide_out, DS_FLOAT64, 3);
    ds_unary(f->op, &x, f->parameters, &y);
    ds_unary(f->op, &wx, f->parameters, &wy);
    CHECK(out[0] != out[0], "%s(NaN) = %g", f->name, out[0]);
    CHECK(wide_out[0] != wide_out[0], "%s(NaN) = %g in float64", f->name, wide_out[0]);
    for (int i = 1; i < 3; i++) {
      double exact = (double)f->value(in[i], f->parameters[0], f->parameters[1]);
      if (exact != exact && f->op != DS_UNARY_SIN && f->op != DS_UNARY_COS && f->op != DS_UNARY_TAN) continue;
      CHECK_CLOSE(out[i], (float)exact, 0, 1e-6, "%s(%g)", f->name, in[i]);
      CHECK_CLOSE(wide_out[i], exact, 0, 1e-12, "%s(%g) in float64", f->name, in[i]);
    }
  }
  // Outside the domain: NaN.
  const struct { ds_unary_op op; float x; } outside[] = {
      {DS_UNARY_LOG, -1}, {DS_UNARY_LOG2, -1}, {DS_UNARY_LOG10, -1}, {DS_UNARY_LOG1P, -2}, {DS_UNARY_SQRT, -1},
      {DS_UNARY_RSQRT, -1}, {DS_UNARY_ASIN, 1.5f}, {DS_UNARY_ACOS, -1.5f}, {DS_UNARY_ACOSH, 0.5f},
      {DS_UNARY_ATANH, 2}, {DS_UNARY_ATANH, -1e30f}, {DS_UNARY_LOG, -0x1p-149f}, {DS_UNARY_ASIN, -1e30f}};
  for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
    float x = outside[i].x, y = 0;
    ds_view in = vector_view(&x, DS_FLOAT32, 1), out = vector_view(&y, DS_FLOAT32, 1);
    ds_unary(outside[i].op, &in, NULL, &out);
    CHECK(y != y, "operation %d of %g gives %g", outside[i].op, x, y);
  }
}

// Slopes against central differences of the exact functions.
static void test_slopes(void) {
  const double places[] = {-30, -8, -4.4, -2.9, -1.3, -0.6, -0.1, 0.1, 0.7, 1.9, 2.6, 3.3, 5, 9, 30};
  enum { PLACES = sizeof places / sizeof *places };
  int tested = 0;
  for (int k = 0; k < FUNCTIONS; k++) {
    const function *f = &functions[k];
    bool from_y = f->op == DS_UNARY_SIGMOID || f->op == DS_UNARY_TANH || f->op == DS_UNARY_RELU;
    for (int type = 0; type < 2; type++) {
      double x[PLACES], dy[PLACES], out[PLACES];
      float fx[PLACES], fdy[PLACES], fout[PLACES];
      for (int i = 0; i < PLACES; i++) {
        x[i] = from_y ? (double)f->value(places[i], f->parameters[0], f->parameters[1]) : places[i];
        dy[i] = 0.5 + 0.25 * i;
        fx[i] = (float)x[i];
        fdy[i] = (float)dy[i];
      }
      ds_view vx = vector_view(type ? (void *)x : fx, type ? DS_FLOAT64 : DS_FLOAT32, PLACES);
      ds_view vdy = vector_view(type ? (void *)dy : fdy, vx.dtype, PLACES);
      ds_view vout = vector_view(type ? (void *)out : fout, vx.dtype, PLACES);
      ds_status status = ds_unary_backward(f->op, &vx, &vdy, f->parameters, &vout);
      if (status == DS_UNSUPPORTED_DTYPE) continue;
      tested++;
      CHECK(status == DS_OK, "%s", f->name);
      for (int i = 0; i < PLACES; i++) {
        precise h = PRECISE(1e-5), p = f->parameters[0], q = f->parameters[1];
        precise slope = (f->value(places[i] + h, p, q) - f->value(places[i] - h, p, q)) / (2 * h);
        CHECK_CLOSE(type ? out[i] : fout[i], (double)slope * dy[i], type ? 1e-7 : 2e-6, type ? 1e-8 : 3e-6,
                    "slope of %s at %g (float%d)", f->name, places[i], type ? 64 : 32);
      }
    }
  }
  CHECK(tested == 2 * 18, "%d slopes were there to test", tested);
}

static void test_types(void) {
  int8_t bytes[] = {-128, -7, 0, 5, 127}, out[5];
  ds_view x = vector_view(bytes, DS_INT8, 5), y = vector_view(out, DS_INT8, 5);
  const struct { ds_unary_op op; double p, q; int8_t expected[5]; } cases[] = {
      {DS_UNARY_NEGATE, 0, 0, {-128, 7, 0, -5, -127}},    {DS_UNARY_ABS, 0, 0, {-128, 7, 0, 5, 127}},
      {DS_UNARY_SIGN, 0, 0, {-1, -1, 0, 1, 1}},           {DS_UNARY_RELU, 0, 0, {0, 0, 0, 5, 127}},
      {DS_UNARY_SQUARE, 0, 0, {0, 49, 0, 25, 1}},         {DS_UNARY_HARD_TANH, -3, 100, {-3, -3, 0, 5, 100}},
      {DS_UNARY_ADD_SCALAR, 3, 0, {-125, -4, 3, 8, -126}}, {DS_UNARY_MULTIPLY_SCALAR, 2, 0, {0, -14, 0, 10, -2}},
      {DS_UNARY_BITWISE_NOT, 0, 0, {127, 6, -1, -6, -128}}, {DS_UNARY_FLOOR, 0, 0, {-128, -7, 0, 5, 127}}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const double parameters[2] = {cases[k].p, cases[k].q};
    CHECK(ds_unary(cases[k].op, &x, parameters, &y) == DS_OK, "int8 operation %d", cases[k].op);
    for (int i = 0; i < 5; i++) {
      CHECK(out[i] == cases[k].expected[i], "int8 operation %d of %d: %d", cases[k].op, bytes[i], out[i]);
    }
  }
  CHECK(ds_unary(DS_UNARY_EXP, &x, NULL, &y) == DS_UNSUPPORTED_DTYPE, "exp of int8");
  float questions[] = {NAN, INFINITY, -INFINITY, 0, 1};
  uint8_t answers[5];
  ds_view q = vector_view(questions, DS_FLOAT32, 5), a = vector_view(answers, DS_BOOL, 5);
  const struct { ds_unary_op op; uint8_t expected[5]; } asked[] = {{DS_UNARY_IS_NAN, {1, 0, 0, 0, 0}},
                                                                  {DS_UNARY_IS_INFINITE, {0, 1, 1, 0, 0}},
                                                                  {DS_UNARY_IS_FINITE, {0, 0, 0, 1, 1}},
                                                                  {DS_UNARY_LOGICAL_NOT, {0, 0, 0, 1, 0}}};
  for (int k = 0; k < 4; k++) {
    CHECK(ds_unary(asked[k].op, &q, NULL, &a) == DS_OK && memcmp(answers, asked[k].expected, 5) == 0, "question %d",
          asked[k].op);
  }
  // Through float32: 3.0 and 2^-14 in float16 and bfloat16.
  uint16_t half[2] = {0x4200, 0x0400}, brain[2] = {0x4040, 0x3880}, squares[2];
  ds_view h = vector_view(half, DS_FLOAT16, 2), b = vector_view(brain, DS_BFLOAT16, 2);
  ds_view hs = vector_view(squares, DS_FLOAT16, 2), bs = vector_view(squares, DS_BFLOAT16, 2);
  CHECK(ds_unary(DS_UNARY_SQUARE, &h, NULL, &hs) == DS_OK && squares[0] == 0x4880 && squares[1] == 0,
        "float16 squares %x %x", squares[0], squares[1]);
  CHECK(ds_unary(DS_UNARY_SQUARE, &b, NULL, &bs) == DS_OK && squares[0] == 0x4110 && squares[1] == 0x3180,
        "bfloat16 squares %x %x", squares[0], squares[1]);
}

int main(void) {
  test_accuracy();
  test_special();
  test_slopes();
  test_types();
  return check_summary();
}
