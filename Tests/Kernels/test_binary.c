// Functions of two tensors in every dtype, layout and broadcast, against plain arithmetic on single elements; choices,
// fills and ranges.
#include <stdint.h>

#include "check.h"
#include "ds_elementwise.h"
#include "layouts.h"
#include "support/cache.h"

static const char *const names[DS_BINARY_COUNT] = {
    [DS_BINARY_ADD] = "add", [DS_BINARY_SUBTRACT] = "subtract", [DS_BINARY_MULTIPLY] = "multiply",
    [DS_BINARY_MAXIMUM] = "maximum", [DS_BINARY_MINIMUM] = "minimum", [DS_BINARY_DIVIDE] = "divide",
    [DS_BINARY_FLOOR_DIVIDE] = "floor_divide", [DS_BINARY_REMAINDER] = "remainder", [DS_BINARY_FMOD] = "fmod",
    [DS_BINARY_POWER] = "power", [DS_BINARY_ATAN2] = "atan2", [DS_BINARY_EQUAL] = "equal",
    [DS_BINARY_NOT_EQUAL] = "not_equal", [DS_BINARY_LESS] = "less", [DS_BINARY_LESS_EQUAL] = "less_equal",
    [DS_BINARY_GREATER] = "greater", [DS_BINARY_GREATER_EQUAL] = "greater_equal",
    [DS_BINARY_LOGICAL_AND] = "logical_and", [DS_BINARY_LOGICAL_OR] = "logical_or",
    [DS_BINARY_LOGICAL_XOR] = "logical_xor", [DS_BINARY_BITWISE_AND] = "bitwise_and",
    [DS_BINARY_BITWISE_OR] = "bitwise_or", [DS_BINARY_BITWISE_XOR] = "bitwise_xor",
    [DS_BINARY_SHIFT_LEFT] = "shift_left", [DS_BINARY_SHIFT_RIGHT] = "shift_right"};

static bool compares(int op) { return op >= DS_BINARY_EQUAL && op <= DS_BINARY_LOGICAL_XOR; }

static bool compared(int op, double x, double y) {
  switch (op) {
    case DS_BINARY_EQUAL: return x == y;
    case DS_BINARY_NOT_EQUAL: return x != y;
    case DS_BINARY_LESS: return x < y;
    case DS_BINARY_LESS_EQUAL: return x <= y;
    case DS_BINARY_GREATER: return x > y;
    case DS_BINARY_GREATER_EQUAL: return x >= y;
    case DS_BINARY_LOGICAL_AND: return x != 0 && y != 0;
    case DS_BINARY_LOGICAL_OR: return x != 0 || y != 0;
    default: return (x != 0) != (y != 0);
  }
}

static double real(int op, double x, double y) {
  double r = fmod(x, y);
  switch (op) {
    case DS_BINARY_ADD: return x + y;
    case DS_BINARY_SUBTRACT: return x - y;
    case DS_BINARY_MULTIPLY: return x * y;
    case DS_BINARY_DIVIDE: return x / y;
    case DS_BINARY_MAXIMUM: return x != x || y != y ? NAN : fmax(x, y);
    case DS_BINARY_MINIMUM: return x != x || y != y ? NAN : fmin(x, y);
    case DS_BINARY_FMOD: return r;
    case DS_BINARY_REMAINDER: return r != 0 && (r < 0) != (y < 0) ? r + y : r;
    case DS_BINARY_FLOOR_DIVIDE: return y == 0 ? x / y : rint((x - (r != 0 && (r < 0) != (y < 0) ? r + y : r)) / y);
    case DS_BINARY_POWER: return pow(x, y);
    default: return atan2(x, y);
  }
}

static int64_t wrapped(int64_t v, ds_dtype dtype) {
  switch (dtype) {
    case DS_INT8: return (int8_t)v;
    case DS_UINT8: return (uint8_t)v;
    case DS_INT16: return (int16_t)v;
    case DS_INT32: return (int32_t)v;
    default: return v;
  }
}

static bool truth(int op, bool x, bool y) {
  switch (op) {
    case DS_BINARY_ADD: case DS_BINARY_MAXIMUM: case DS_BINARY_BITWISE_OR: return x || y;
    case DS_BINARY_BITWISE_XOR: return x != y;
    default: return x && y;
  }
}

// In 128 bits, where nothing overflows but powers.
static int64_t whole(int op, int64_t a, int64_t b, ds_dtype dtype) {
  // The quotient of the smallest integer by -1 is the only one that int64 doesn't hold.
  __int128 x = a, y = b, r = b == 0 || b == -1 ? 0 : a % b, quotient = b == 0 ? 0 : b == -1 ? -x : a / b;
  int bits = 8 * layout_sizes[dtype];
  switch (op) {
    case DS_BINARY_ADD: r = x + y; break;
    case DS_BINARY_SUBTRACT: r = x - y; break;
    case DS_BINARY_MULTIPLY: r = x * y; break;
    case DS_BINARY_DIVIDE: r = quotient; break;
    case DS_BINARY_FLOOR_DIVIDE: r = quotient - (r != 0 && (r < 0) != (y < 0)); break;
    case DS_BINARY_REMAINDER: r = r != 0 && (r < 0) != (y < 0) ? r + y : r; break;
    case DS_BINARY_FMOD: break;
    case DS_BINARY_MAXIMUM: r = x > y ? x : y; break;
    case DS_BINARY_MINIMUM: r = x < y ? x : y; break;
    case DS_BINARY_BITWISE_AND: r = x & y; break;
    case DS_BINARY_BITWISE_OR: r = x | y; break;
    case DS_BINARY_BITWISE_XOR: r = x ^ y; break;
    case DS_BINARY_SHIFT_LEFT: r = y < 0 || y >= bits ? 0 : (__int128)((unsigned __int128)x << y); break;
    case DS_BINARY_SHIFT_RIGHT: r = y < 0 || y >= bits ? (x < 0 ? -1 : 0) : x >> y; break;
    default: {
      if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
      uint64_t power = 1;
      for (int64_t i = 0; i < (b < 300 ? b : 0); i++) power *= (uint64_t)a;
      return wrapped((int64_t)power, dtype);
    }
  }
  return wrapped((int64_t)(uint64_t)(unsigned __int128)r, dtype);
}

static void test_op(int op, ds_dtype dtype, int32_t rank, const int64_t *shape, int layout, uint32_t broadcast) {
  int64_t count = 1, small_shape[DS_MAX_RANK];
  for (int32_t d = 0; d < rank; d++) {
    count *= shape[d];
    small_shape[d] = broadcast >> d & 1 ? 1 : shape[d];
  }
  size_t room = (size_t)(count + 8) * sizeof(double);
  double *x = malloc(room), *y = malloc(room), *actual = malloc(room);
  bool real_type = dtype <= DS_BFLOAT16;
  uint64_t state = (uint64_t)op + 99;
  for (int64_t i = 0; i < count; i++) {
    double v = pseudo_random(&state), w = pseudo_random(&state);
    x[i] = real_type ? 6 * v : dtype == DS_BOOL ? v > 0 : dtype == DS_UINT8 ? (int)(128 + 127 * v) : (int)(v * 127.9);
    y[i] = real_type ? 3 * w : dtype == DS_BOOL ? w > 0 : dtype == DS_UINT8 ? (int)(10 + 10 * w) : (int)(w * 11);
    if (op == DS_BINARY_POWER && real_type) x[i] = fabs(x[i]);
    if (i % 5 == 0) y[i] = x[i];
  }
  layout_tensor tx = make_layout(x, dtype, rank, shape, layout);
  layout_tensor ty = make_layout(y, dtype, rank, small_shape, (layout + 2) % LAYOUTS);
  ds_view vy = ty.view;
  for (int32_t d = 0; d < rank; d++) {
    if (broadcast >> d & 1) vy.shape[d] = shape[d], vy.strides[d] = 0;
  }
  ds_dtype to = compares(op) ? DS_BOOL : dtype;
  void *memory = malloc((size_t)(count * layout_sizes[to] + 1));
  ds_view out = shaped_view(memory, to, rank, shape);
  ds_status status = ds_binary((ds_binary_op)op, &tx.view, &vy, &out);
  bool bitwise = op >= DS_BINARY_BITWISE_AND, logic = op >= DS_BINARY_BITWISE_AND && op <= DS_BINARY_BITWISE_XOR;
  bool bool_op = compares(op) || logic || op == DS_BINARY_ADD || op == DS_BINARY_MULTIPLY || op == DS_BINARY_MAXIMUM ||
                 op == DS_BINARY_MINIMUM;
  bool supported = dtype == DS_BOOL ? bool_op : real_type ? !bitwise : op != DS_BINARY_ATAN2;
  CHECK(status == (supported ? DS_OK : DS_UNSUPPORTED_DTYPE), "%s dtype %d: status %d", names[op], dtype, status);
  if (status == DS_OK) {
    read_layout(&tx.view, x);
    read_layout(&vy, y);
    read_layout(&out, actual);
    double error = dtype == DS_FLOAT64 ? 4e-16 : dtype == DS_FLOAT32 ? 1.3e-7 : dtype == DS_FLOAT16 ? 5e-4 : 4e-3;
    if (op == DS_BINARY_POWER) error *= 2;
    for (int64_t i = 0; i < count; i++) {
      double expected;
      if (compares(op)) expected = compared(op, x[i], y[i]);
      else if (real_type) expected = real(op, x[i], y[i]);
      else if (dtype == DS_BOOL) expected = truth(op, x[i] != 0, y[i] != 0);
      else expected = (double)whole(op, (int64_t)x[i], (int64_t)y[i], dtype);
      if (real_type && (op == DS_BINARY_REMAINDER || op == DS_BINARY_FMOD)) {
        CHECK_CLOSE(actual[i], expected, 3 * error, error, "%s(%g, %g) dtype %d", names[op], x[i], y[i], dtype);
      } else {
        CHECK_CLOSE(actual[i], expected, real_type ? 3e-8 * (dtype == DS_FLOAT16) : 0, real_type && !compares(op) ? error : 0,
                    "%s(%g, %g) dtype %d %s broadcast %u", names[op], x[i], y[i], dtype, layout_names[layout], broadcast);
      }
    }
  }
  free(tx.memory), free(ty.memory), free(memory), free(x), free(y), free(actual);
}

static void test_edges(void) {
  int32_t x[] = {INT32_MIN, INT32_MIN, 7, -7, 7, -7, 1, -1, 3, INT32_MAX};
  int32_t y[] = {-1, 0, 0, 0, -2, 2, -5, -5, -1, 1}, out[10];
  ds_view vx = vector_view(x, DS_INT32, 10), vy = vector_view(y, DS_INT32, 10), to = vector_view(out, DS_INT32, 10);
  for (int op = DS_BINARY_ADD; op <= DS_BINARY_POWER; op++) {
    CHECK(ds_binary((ds_binary_op)op, &vx, &vy, &to) == DS_OK, "%s", names[op]);
    for (int i = 0; i < 10; i++) {
      CHECK(out[i] == whole(op, x[i], y[i], DS_INT32), "%s(%d, %d) = %d", names[op], x[i], y[i], out[i]);
    }
  }
  int64_t lx[] = {INT64_MIN, INT64_MIN, INT64_MAX, 5}, ly[] = {-1, 0, 2, 63}, lout[4];
  vx = vector_view(lx, DS_INT64, 4), vy = vector_view(ly, DS_INT64, 4), to = vector_view(lout, DS_INT64, 4);
  for (int op = DS_BINARY_ADD; op <= DS_BINARY_POWER; op++) {
    CHECK(ds_binary((ds_binary_op)op, &vx, &vy, &to) == DS_OK, "%s", names[op]);
    for (int i = 0; i < 4; i++) {
      CHECK(lout[i] == whole(op, lx[i], ly[i], DS_INT64), "%s of int64, case %d: %lld", names[op], i, (long long)lout[i]);
    }
  }
  // C's and Python's rules for zeros, infinities and NaN.
  const float values[] = {0.0f, -0.0f, 1, -1, INFINITY, -INFINITY, NAN, 2.5f, -2.5f, 3e38f, 1e-45f};
  enum { N = sizeof values / sizeof *values };
  float fx[N * N], fy[N * N], fout[N * N];
  for (int i = 0; i < N * N; i++) fx[i] = values[i / N], fy[i] = values[i % N];
  vx = vector_view(fx, DS_FLOAT32, N * N), vy = vector_view(fy, DS_FLOAT32, N * N), to = vector_view(fout, DS_FLOAT32, N * N);
  const int ops[] = {DS_BINARY_POWER, DS_BINARY_ATAN2, DS_BINARY_FMOD, DS_BINARY_MAXIMUM, DS_BINARY_MINIMUM};
  for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
    ds_binary((ds_binary_op)ops[k], &vx, &vy, &to);
    for (int i = 0; i < N * N; i++) {
      float expected = (float)real(ops[k], fx[i], fy[i]);
      if (ops[k] == DS_BINARY_POWER) expected = powf(fx[i], fy[i]);
      CHECK_CLOSE(fout[i], expected, 0, 3e-7, "%s(%g, %g)", names[ops[k]], fx[i], fy[i]);
      if (ops[k] == DS_BINARY_ATAN2 && fx[i] == fx[i] && fy[i] == fy[i]) {
        CHECK(signbit(fout[i]) == signbit(expected), "the sign of atan2(%g, %g)", fx[i], fy[i]);
      }
    }
  }
  // In place, and a division of a tensor by itself.
  ds_view self = vector_view(fx, DS_FLOAT32, N * N);
  ds_binary(DS_BINARY_DIVIDE, &self, &vy, &to);
  ds_binary(DS_BINARY_DIVIDE, &self, &vy, &self);
  CHECK(memcmp(fx, fout, sizeof fx) == 0, "in place differs");
  ds_view other = vector_view(fy, DS_FLOAT64, 2);
  CHECK(ds_binary(DS_BINARY_ADD, &vx, &other, &to) == DS_UNSUPPORTED_DTYPE, "mixed dtypes");
  ds_view shorter = vector_view(fy, DS_FLOAT32, 2);
  CHECK(ds_binary(DS_BINARY_ADD, &vx, &shorter, &to) == DS_INVALID_SHAPE, "mixed shapes");
}

static void test_where_fill_arange(void) {
  const int64_t shape[2] = {37, 70};
  enum { COUNT = 37 * 70 };
  double condition[COUNT], x[COUNT], y[COUNT], actual[COUNT];
  for (int i = 0; i < COUNT; i++) condition[i] = i * 7 % 3 == 0, x[i] = i % 100, y[i] = 127 - i % 100;
  for (int dtype = 0; dtype < DS_DTYPE_COUNT; dtype++) {
    if (dtype == DS_BOOL || dtype == DS_FLOAT8_E5M2 || dtype == DS_FLOAT8_E4M3) continue;
    for (int layout = 0; layout < LAYOUTS; layout++) {
      layout_tensor c = make_layout(condition, DS_BOOL, 2, shape, layout);
      layout_tensor a = make_layout(x, (ds_dtype)dtype, 2, shape, (layout + 1) % LAYOUTS);
      layout_tensor b = make_layout(y, (ds_dtype)dtype, 2, shape, (layout + 3) % LAYOUTS);
      static char memory[COUNT * 8];
      ds_view out = shaped_view(memory, (ds_dtype)dtype, 2, shape);
      CHECK(ds_where(&c.view, &a.view, &b.view, &out) == DS_OK, "where dtype %d", dtype);
      read_layout(&out, actual);
      int wrong = 0;
      for (int i = 0; i < COUNT; i++) wrong += actual[i] != (condition[i] != 0 ? x[i] : y[i]);
      CHECK(wrong == 0, "where dtype %d %s: %d elements wrong", dtype, layout_names[layout], wrong);
      // Fill one layout's elements, and nothing between them.
      ds_view one = vector_view(memory, (ds_dtype)dtype, 1);
      CHECK(ds_fill(&a.view, one.data) == DS_OK, "fill dtype %d", dtype);
      double value;
      read_layout(&one, &value);
      read_layout(&a.view, actual);
      wrong = 0;
      for (int i = 0; i < COUNT; i++) wrong += actual[i] != value;
      CHECK(wrong == 0, "fill dtype %d %s: %d elements wrong", dtype, layout_names[(layout + 1) % LAYOUTS], wrong);
      if ((layout + 1) % LAYOUTS == 2) {  // every other
        const unsigned char *bytes = a.memory;
        int64_t size = layout_sizes[dtype];
        for (int64_t i = 0; i < COUNT - 1; i++) wrong += bytes[(2 * i + 1) * size] != 0x5A;
        CHECK(wrong == 0, "fill dtype %d wrote between its elements", dtype);
      }
      free(c.memory), free(a.memory), free(b.memory);
    }
    static char memory[COUNT * 8];
    ds_view out = vector_view(memory, (ds_dtype)dtype, 50);
    ds_status status = ds_arange(&out, -3, 0.5);
    CHECK(status == (dtype < DS_BOOL ? DS_OK : DS_UNSUPPORTED_DTYPE), "arange dtype %d: %d", dtype, status);
    if (status != DS_OK) continue;
    read_layout(&out, actual);
    for (int i = 0; i < 50; i++) {
      double v = -3 + 0.5 * i;
      double expected = dtype <= DS_BFLOAT16 ? v : dtype == DS_UINT8 ? (uint8_t)(int)v : trunc(v);
      CHECK(actual[i] == expected, "arange dtype %d, element %d: %g", dtype, i, actual[i]);
    }
  }
  int64_t large[3];
  ds_view out = vector_view(large, DS_INT64, 3);
  ds_arange(&out, 9007199254740992.0, 1);
  CHECK(large[2] == 9007199254740994, "arange past 2^53: %lld", (long long)large[2]);
}

static void test_accumulate_finite(void) {
  const int64_t shape[2] = {40, 66};
  enum { COUNT = 40 * 66 };
  double x[COUNT], y[COUNT], actual[COUNT];
  for (int i = 0; i < COUNT; i++) x[i] = i % 13 - 6, y[i] = i % 7;
  for (int dtype = DS_FLOAT32; dtype <= DS_BFLOAT16; dtype++) {
    for (int layout = 0; layout < LAYOUTS; layout++) {
      layout_tensor a = make_layout(x, (ds_dtype)dtype, 2, shape, layout);
      layout_tensor b = make_layout(y, (ds_dtype)dtype, 2, shape, 0);
      CHECK(ds_accumulate(&a.view, &b.view, 2) == DS_OK, "accumulate dtype %d", dtype);
      read_layout(&b.view, actual);
      int wrong = 0;
      for (int i = 0; i < COUNT; i++) wrong += actual[i] != y[i] + 2 * x[i];
      CHECK(wrong == 0, "accumulate dtype %d %s: %d elements wrong", dtype, layout_names[layout], wrong);
      bool finite = false;
      CHECK(ds_all_finite(&a.view, &finite) == DS_OK && finite, "dtype %d %s is finite", dtype, layout_names[layout]);
      for (int at = 0; at < COUNT; at += 97) {
        x[at] = at % 2 ? NAN : -INFINITY;
        layout_tensor bad = make_layout(x, (ds_dtype)dtype, 2, shape, layout);
        CHECK(ds_all_finite(&bad.view, &finite) == DS_OK && !finite, "dtype %d %s: what is not finite at %d was missed",
              dtype, layout_names[layout], at);
        x[at] = at % 13 - 6;
        free(bad.memory);
      }
      free(a.memory), free(b.memory);
    }
  }
  float last[100000];
  for (int i = 0; i < 100000; i++) last[i] = 3e38f;
  bool finite = false;
  ds_view view = vector_view(last, DS_FLOAT32, 100000);
  CHECK(ds_all_finite(&view, &finite) == DS_OK && finite, "large numbers are finite");
  last[99999] = INFINITY;
  CHECK(ds_all_finite(&view, &finite) == DS_OK && !finite, "infinity in the last place was missed");
}

// Outputs too large for the caches are written past them: the same numbers, whatever the alignment and the length.
static void test_past_caches(void) {
  enum { COUNT = 100000, SPARE = 40 };
  static float x[COUNT + SPARE], y[COUNT + SPARE], usual[COUNT + SPARE], past[COUNT + SPARE];
  static uint8_t flags[COUNT + SPARE], past_flags[COUNT + SPARE];
  for (int i = 0; i < COUNT + SPARE; i++) x[i] = (float)i * 0.5f, y[i] = (float)(i % 977);
  for (int shift = 0; shift < SPARE; shift += 3) {
    int64_t count = COUNT - 7 * shift;
    ds_binary_op op = (ds_binary_op)(DS_BINARY_ADD + shift / 3 % 6);  // the six that have a loop of their own
    for (int i = 0; i < COUNT + SPARE; i++) usual[i] = past[i] = -1, flags[i] = past_flags[i] = 9;
    ds_view vx = vector_view(x + 1, DS_FLOAT32, count), vy = vector_view(y, DS_FLOAT32, count);
    ds_view a = vector_view(usual + shift, DS_FLOAT32, count), b = vector_view(past + shift, DS_FLOAT32, count);
    ds_view fa = vector_view(flags + shift, DS_BOOL, count), fb = vector_view(past_flags + shift, DS_BOOL, count);
    ds_set_cache_limit(INT64_MAX);
    CHECK(ds_binary(op, &vx, &vy, &a) == DS_OK && ds_binary(DS_BINARY_LESS, &vx, &vy, &fa) == DS_OK, "status");
    ds_set_cache_limit(1);
    CHECK(ds_binary(op, &vx, &vy, &b) == DS_OK && ds_binary(DS_BINARY_LESS, &vx, &vy, &fb) == DS_OK, "status");
    CHECK(memcmp(usual, past, sizeof usual) == 0, "operator %d differs at shift %d", op, shift);
    CHECK(memcmp(flags, past_flags, sizeof flags) == 0, "flags differ at shift %d", shift);
  }
  ds_set_cache_limit(0);
}

int main(void) {
  for (int dtype = 0; dtype < 10; dtype++) {
    for (int op = 0; op < DS_BINARY_COUNT; op++) {
      for (int layout = 0; layout < LAYOUTS; layout++) {
        for (uint32_t broadcast = 0; broadcast < 4; broadcast++) {
          test_op(op, (ds_dtype)dtype, 2, (const int64_t[]){7, 83}, layout, broadcast);
        }
        test_op(op, (ds_dtype)dtype, 3, (const int64_t[]){5, 6, 9}, layout, 2);
        test_op(op, (ds_dtype)dtype, 2, (const int64_t[]){0, 4}, layout, 0);
        test_op(op, (ds_dtype)dtype, 0, NULL, layout, 0);
        test_op(op, (ds_dtype)dtype, 1, (const int64_t[]){1000}, layout, layout & 1);
      }
    }
    test_op(DS_BINARY_ADD, (ds_dtype)dtype, 3, (const int64_t[]){40, 30, 77}, 1, 5);
  }
  test_edges();
  test_where_fill_arange();
  test_accumulate_finite();
  test_past_caches();
  return check_summary();
}
