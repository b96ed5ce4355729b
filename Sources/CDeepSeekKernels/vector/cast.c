// Conversion between element types, and the strided copy.
#include "ds_threads.h"
#include "view_loop.h"

// float8: a sign, `exponent` bits and `mantissa` bits with the given bias (Micikevicius et al., "FP8 formats for deep
// learning", 2022).
static float from_float8(uint8_t bits, bool e4m3) {
  int mantissa_bits = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15;
  int exponent = (bits & 0x7F) >> mantissa_bits, mantissa = bits & ((1 << mantissa_bits) - 1);
  float value;
  if (e4m3 ? (bits & 0x7F) == 0x7F : exponent == 31) {
    value = e4m3 || mantissa != 0 ? NAN : INFINITY;
  } else if (exponent == 0) {
    value = ldexpf((float)mantissa, 1 - bias - mantissa_bits);
  } else {
    value = ldexpf((float)(mantissa + (1 << mantissa_bits)), exponent - bias - mantissa_bits);
  }
  return bits & 0x80 ? -value : value;
}

static uint8_t to_float8(float value, bool e4m3) {
  uint8_t sign = signbit(value) ? 0x80 : 0;
  uint8_t nan = 0x7F, limit = e4m3 ? 0x7E : 0x7B, beyond = e4m3 ? 0x7F : 0x7C;
  int mantissa_bits = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15;
  float magnitude = fabsf(value);
  if (magnitude != magnitude) return sign | nan;
  if (magnitude == INFINITY) return sign | beyond;
  if (magnitude == 0) return sign;
  int exponent;
  frexpf(magnitude, &exponent);
  exponent -= 1;  // magnitude = 1.… * 2^exponent
  if (exponent < 1 - bias) exponent = 1 - bias;
  // In units of the last place: exact, then rounded to nearest even.
  int units = (int)rintf(ldexpf(magnitude, fmin(mantissa_bits - exponent, 40)));
  if (exponent > bias + 2) return sign | beyond;
  int code = units + ((exponent + bias - 1) << mantissa_bits);  // rounding up carries into the exponent
  return sign | (uint8_t)(code > limit ? beyond : code);
}

// A float as an integer: towards zero, NaN as 0, the type's nearest value where it is out of range.
static int64_t whole_signed(double x, int64_t low, int64_t high) {
  if (x != x) return 0;
  if (x <= (double)low) return low;
  return x >= (double)high ? high : (int64_t)x;
}
static uint64_t whole_unsigned(double x) {
  if (x != x || x <= 0) return 0;
  return x >= 0x1p64 ? UINT64_MAX : (uint64_t)x;
}

// Every conversion that has no loop of its own goes through one of three carriers: int64 (integers; uint64 by its
// bits), double (floats), in blocks.
enum { CARRIER_INTEGER, CARRIER_FLOAT };
static bool carries_integer(int32_t dtype) {
  return (dtype >= DS_INT8 && dtype <= DS_BOOL) || (dtype >= DS_UINT16 && dtype <= DS_UINT64);
}

#define READ(T, TO)                                                             \
  {                                                                             \
    const T *in = from;                                                         \
    for (int64_t i = 0; i < n; i++) to[i] = (TO)in[i];                          \
    break;                                                                      \
  }
static void read_integers(int32_t dtype, const void *from, int64_t *to, int64_t n) {
  switch (dtype) {
    case DS_INT8: READ(int8_t, int64_t)
    case DS_UINT8: case DS_BOOL: READ(uint8_t, int64_t)
    case DS_INT16: READ(int16_t, int64_t)
    case DS_INT32: READ(int32_t, int64_t)
    case DS_UINT16: READ(uint16_t, int64_t)
    case DS_UINT32: READ(uint32_t, int64_t)
    default: READ(int64_t, int64_t)
  }
}
static void read_floats(int32_t dtype, const void *from, double *to, int64_t n) {
  switch (dtype) {
    case DS_FLOAT32: READ(float, double)
    case DS_FLOAT64: READ(double, double)
    case DS_UINT64: READ(uint64_t, double)
    case DS_COMPLEX64:
      for (int64_t i = 0; i < n; i++) to[i] = ((const float *)from)[2 * i];
      break;
    case DS_FLOAT8_E4M3: case DS_FLOAT8_E5M2:
      for (int64_t i = 0; i < n; i++) to[i] = from_float8(((const uint8_t *)from)[i], dtype == DS_FLOAT8_E4M3);
      break;
    case DS_FLOAT16: case DS_BFLOAT16: {
      float values[BLOCK];
      vector_loops()->to_float[dtype](from, values, n);
      for (int64_t i = 0; i < n; i++) to[i] = values[i];
      break;
    }
    default: {
      int64_t values[BLOCK];
      read_integers(dtype, from, values, n);
      for (int64_t i = 0; i < n; i++) to[i] = (double)values[i];
    }
  }
}

#define WRITE(T, VALUE)                                                         \
  {                                                                             \
    T *out = to;                                                                \
    for (int64_t i = 0; i < n; i++) out[i] = (T)(VALUE);                        \
    break;                                                                      \
  }
static void write_integers(int32_t dtype, const int64_t *from, void *to, int64_t n) {
  switch (dtype) {
    case DS_BOOL: WRITE(uint8_t, from[i] != 0)
    case DS_INT8: case DS_UINT8: WRITE(uint8_t, from[i])
    case DS_INT16: case DS_UINT16: WRITE(uint16_t, from[i])
    case DS_INT32: case DS_UINT32: WRITE(uint32_t, from[i])
    default: WRITE(int64_t, from[i])
  }
}
// A double as the float that is on its way to a narrower format: rounded to odd, so that rounding again is exact.
static float narrow_to_odd(double x) {
  float f = (float)x;
  if (f == (float)INFINITY || f == (float)-INFINITY || f != f || (double)f == x) return f;
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  if (fabs((double)f) > fabs(x)) bits -= 1;
  bits |= 1;
  memcpy(&f, &bits, sizeof f);
  return f;
}
static void write_floats(int32_t dtype, const double *from, void *to, int64_t n) {
  switch (dtype) {
    case DS_FLOAT32: WRITE(float, from[i])
    case DS_FLOAT64: WRITE(double, from[i])
    case DS_BOOL: WRITE(uint8_t, from[i] != 0)
    case DS_INT8: case DS_UINT8: WRITE(uint8_t, whole_signed(from[i], INT32_MIN, INT32_MAX))
    case DS_INT16: case DS_UINT16: WRITE(uint16_t, whole_signed(from[i], INT32_MIN, INT32_MAX))
    case DS_INT32: WRITE(int32_t, whole_signed(from[i], INT32_MIN, INT32_MAX))
    case DS_UINT32: WRITE(uint32_t, whole_signed(from[i], 0, UINT32_MAX))
    case DS_INT64: WRITE(int64_t, whole_signed(from[i], INT64_MIN, INT64_MAX))
    case DS_UINT64: WRITE(uint64_t, whole_unsigned(from[i]))
    case DS_COMPLEX64:
      for (int64_t i = 0; i < n; i++) {
        ((float *)to)[2 * i] = (float)from[i];
        ((float *)to)[2 * i + 1] = 0;
      }
      break;
    case DS_FLOAT8_E4M3: case DS_FLOAT8_E5M2:
      for (int64_t i = 0; i < n; i++) ((uint8_t *)to)[i] = to_float8(narrow_to_odd(from[i]), dtype == DS_FLOAT8_E4M3);
      break;
    default: {
      float values[BLOCK];
      for (int64_t i = 0; i < n; i++) values[i] = narrow_to_odd(from[i]);
      vector_loops()->from_float[dtype](values, to, n);
    }
  }
}

void ds_convert_block(int32_t from_dtype, const void *from, int32_t to_dtype, void *to, int64_t n) {
  const vector_table *loops = vector_loops();
  if (from_dtype == to_dtype) {
    memmove(to, from, (size_t)(n * dtype_size(from_dtype)));
  } else if (from_dtype == DS_FLOAT32 && is_half(to_dtype)) {
    loops->from_float[to_dtype](from, to, n);
  } else if (to_dtype == DS_FLOAT32 && is_half(from_dtype)) {
    loops->to_float[from_dtype](from, to, n);
  } else if (from_dtype == DS_FLOAT32 && to_dtype == DS_FLOAT64) {
    for (int64_t i = 0; i < n; i++) ((double *)to)[i] = ((const float *)from)[i];
  } else if (from_dtype == DS_FLOAT64 && to_dtype == DS_FLOAT32) {
    for (int64_t i = 0; i < n; i++) ((float *)to)[i] = (float)((const double *)from)[i];
  } else {
    int64_t from_size = dtype_size(from_dtype), to_size = dtype_size(to_dtype);
    bool integer = carries_integer(from_dtype) && carries_integer(to_dtype);
    for (int64_t i = 0; i < n; i += BLOCK) {
      int64_t some = n - i < BLOCK ? n - i : BLOCK;
      const void *in = (const char *)from + i * from_size;
      void *out = (char *)to + i * to_size;
      if (integer) {
        int64_t carrier[BLOCK];
        read_integers(from_dtype, in, carrier, some);
        write_integers(to_dtype, carrier, out, some);
      } else {
        double carrier[BLOCK];
        read_floats(from_dtype, in, carrier, some);
        write_floats(to_dtype, carrier, out, some);
      }
    }
  }
}

typedef struct cast_job {
  merged m;  // operand 0 is x, operand 1 out
  const char *from;
  char *to;
  int32_t from_dtype, to_dtype;
} cast_job;

static void cast_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const cast_job *job = context;
  const merged *m = &job->m;
  int64_t from_size = dtype_size(job->from_dtype), to_size = dtype_size(job->to_dtype);
  int64_t inner = m->shape[m->rank - 1];
  bool from_runs = m->strides[0][m->rank - 1] == 1, to_runs = m->strides[1][m->rank - 1] == 1;
  block_buffer raw, converted;
  for (int64_t i = begin; i < end;) {
    int64_t left = inner - i % inner, n = end - i;
    if (inner >= 64 && from_runs && to_runs) {  // rows that can be converted where they lie
      if (n > left) n = left;
      ds_convert_block(job->from_dtype, job->from + ds_view_offset(m, 0, i) * from_size, job->to_dtype,
              job->to + ds_view_offset(m, 1, i) * to_size, n);
    } else {
      if (n > BLOCK) n = BLOCK;
      ds_view_gather(m, 0, job->from, from_size, i, n, raw);
      const void *out = raw;
      if (job->from_dtype != job->to_dtype) {
        ds_convert_block(job->from_dtype, raw, job->to_dtype, converted, n);
        out = converted;
      }
      ds_view_scatter(m, 1, job->to, to_size, i, n, out);
    }
    i += n;
  }
}

// A transposing copy: the two dimensions in which x and out have stride 1 differ. It goes by tiles that fit in the
// first-level cache on both sides; each tile is read along x's rows and written along out's.
typedef struct transpose_job {
  cast_job cast;
  int32_t across, along;  // the dimensions in which x and out have stride 1
} transpose_job;

enum { TILE = 32 };

// Four-byte elements go four by four through vectors; what is left over at the edges, one by one.
typedef uint32_t quad __attribute__((ext_vector_type(4)));
static void turn_words(const bits32 *in, int64_t from_stride, int64_t rows, int64_t columns, bits32 tile[TILE][TILE]) {
  for (int64_t r = 0; r + 4 <= rows; r += 4) {
    for (int64_t c = 0; c + 4 <= columns; c += 4) {
      quad q[4], even[2], odd[2];
      for (int k = 0; k < 4; k++) memcpy(&q[k], in + (r + k) * from_stride + c, sizeof q[k]);
      for (int k = 0; k < 2; k++) {
        even[k] = __builtin_shufflevector(q[2 * k], q[2 * k + 1], 0, 4, 1, 5);
        odd[k] = __builtin_shufflevector(q[2 * k], q[2 * k + 1], 2, 6, 3, 7);
      }
      q[0] = __builtin_shufflevector(even[0], even[1], 0, 1, 4, 5);
      q[1] = __builtin_shufflevector(even[0], even[1], 2, 3, 6, 7);
      q[2] = __builtin_shufflevector(odd[0], odd[1], 0, 1, 4, 5);
      q[3] = __builtin_shufflevector(odd[0], odd[1], 2, 3, 6, 7);
      for (int k = 0; k < 4; k++) memcpy(&tile[c + k][r], &q[k], sizeof q[k]);
    }
    for (int64_t c = columns & ~(int64_t)3; c < columns; c++) {
      for (int64_t k = r; k < r + 4; k++) tile[c][k] = in[k * from_stride + c];
    }
  }
  for (int64_t r = rows & ~(int64_t)3; r < rows; r++) {
    for (int64_t c = 0; c < columns; c++) tile[c][r] = in[r * from_stride + c];
  }
}

#define TRANSPOSE_TILE(T)                                                                         \
  {                                                                                               \
    T tile[TILE][TILE];                                                                           \
    const T *in = (const T *)(const void *)job->from + from_offset;                               \
    T *out = (T *)(void *)job->to + to_offset;                                                    \
    for (int64_t r = 0; r < rows; r++) {                                                          \
      for (int64_t c = 0; c < columns; c++) tile[c][r] = in[r * from_stride + c];                 \
    }                                                                                             \
    for (int64_t c = 0; c < columns; c++) {                                                       \
      memcpy(out + c * to_stride, tile[c], (size_t)rows * sizeof(T));                             \
    }                                                                                             \
    break;                                                                                        \
  }

static void transpose_range(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const transpose_job *transpose = context;
  const cast_job *job = &transpose->cast;
  const merged *m = &job->m;
  int32_t across = transpose->across, along = transpose->along;
  int64_t from_stride = m->strides[0][along], to_stride = m->strides[1][across];
  int64_t across_tiles = (m->shape[across] + TILE - 1) / TILE, along_tiles = (m->shape[along] + TILE - 1) / TILE;
  for (int64_t i = begin; i < end; i++) {
    // Tiles in the order of out's rows, so that what is written stays on the same few pages.
    int64_t rest = i, along_tile = rest % along_tiles;
    rest /= along_tiles;
    int64_t across_tile = rest % across_tiles;
    rest /= across_tiles;
    int64_t from_offset = across_tile * TILE + along_tile * TILE * from_stride;
    int64_t to_offset = across_tile * TILE * to_stride + along_tile * TILE;
    for (int32_t d = m->rank - 1; d >= 0; d--) {
      if (d == across || d == along) continue;
      from_offset += rest % m->shape[d] * m->strides[0][d];
      to_offset += rest % m->shape[d] * m->strides[1][d];
      rest /= m->shape[d];
    }
    int64_t columns = m->shape[across] - across_tile * TILE, rows = m->shape[along] - along_tile * TILE;
    columns = columns < TILE ? columns : TILE;
    rows = rows < TILE ? rows : TILE;
    switch (dtype_size(job->from_dtype)) {
      case 1: TRANSPOSE_TILE(uint8_t)
      case 2: TRANSPOSE_TILE(bits16)
      case 4: {
        bits32 tile[TILE][TILE], *out = (bits32 *)(void *)job->to + to_offset;
        turn_words((const bits32 *)(const void *)job->from + from_offset, from_stride, rows, columns, tile);
        for (int64_t c = 0; c < columns; c++) memcpy(out + c * to_stride, tile[c], (size_t)rows * sizeof *out);
        break;
      }
      default: TRANSPOSE_TILE(bits64)
    }
  }
}

// Finds the two dimensions, both worth tiling, or says that there are none.
static bool is_transpose(transpose_job *job) {
  const merged *m = &job->cast.m;
  if (job->cast.from_dtype != job->cast.to_dtype) return false;
  job->across = job->along = -1;
  for (int32_t d = 0; d < m->rank; d++) {
    if (m->shape[d] < 8) continue;
    if (m->strides[0][d] == 1) job->across = d;
    if (m->strides[1][d] == 1) job->along = d;
  }
  return job->across >= 0 && job->along >= 0 && job->across != job->along;
}

ds_status ds_cast(const ds_view *x, const ds_view *out) {
  if (!ds_view_valid(x) || !ds_view_valid(out) || !ds_view_same_shape(x, out)) return DS_INVALID_SHAPE;
  int64_t count = ds_view_count(x);
  if (count == 0) return DS_OK;
  transpose_job job = {.cast = {.from = x->data, .to = out->data, .from_dtype = x->dtype, .to_dtype = out->dtype}};
  const ds_view *views[2] = {x, out};
  ds_view_merge(&job.cast.m, views, 2);
  if (is_transpose(&job)) {
    const merged *m = &job.cast.m;
    int64_t a = m->shape[job.across], b = m->shape[job.along];
    int64_t tiles = ((a + TILE - 1) / TILE) * ((b + TILE - 1) / TILE) * (count / (a * b));
    ds_parallel_dynamic(tiles, GRAIN_LIGHT / (TILE * TILE), transpose_range, &job);
  } else {
    ds_parallel_dynamic(count, GRAIN_LIGHT, cast_range, &job.cast);
  }
  return DS_OK;
}
