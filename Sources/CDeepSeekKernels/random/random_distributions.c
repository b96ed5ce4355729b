// Continuous distributions over views: blocks of words, turned into numbers in place or staged.
#include <math.h>
#include <string.h>

#include "../include/ds_threads.h"
#include "../support/ds_convert.h"
#include "../support/ds_lines.h"
#include "random_internal.h"

// One rounding for a product and one for a sum on every machine, so that all give the same numbers.
#pragma clang fp contract(off)

typedef enum distribution { UNIFORM, NORMAL, TRUNCATED_NORMAL, BERNOULLI } distribution;

typedef struct random_call {
  const random_kernels *kernels;
  distribution distribution;
  ds_random_key key;
  const ds_view *out;
  int64_t count;
  bool direct;  // float32 and contiguous
  // UNIFORM: low + range u, at most `high`. NORMAL and TRUNCATED_NORMAL: mean + deviation * quantile(from + range u),
  // within [low, high]. BERNOULLI: a word below `threshold`.
  double low, high, range, from, mean, deviation;
  uint64_t threshold;
} random_call;

static void floats(const random_call *call, const uint32_t *words, int64_t count, float *to) {
  const random_kernels *kernels = call->kernels;
  switch (call->distribution) {
    case UNIFORM: kernels->uniform(words, count, (float)call->low, (float)call->range, (float)call->high, to); break;
    case NORMAL: kernels->normal(words, count, (float)call->mean, (float)call->deviation, to); break;
    case TRUNCATED_NORMAL:
      kernels->quantile(words, count, (float)call->from, (float)call->range, (float)call->mean,
                        (float)call->deviation, (float)call->low, (float)call->high, to);
      break;
    case BERNOULLI:
      for (int64_t i = 0; i < count; i++) to[i] = words[i] < call->threshold ? 1.0f : 0.0f;
      break;
  }
}

// `words` holds two words an element, or four an element pair.
static void wide_uniform(const random_call *call, const uint32_t *words, int64_t count, double *to) {
  for (int64_t i = 0; i < count; i++) {
    double x = random_double(random_pair(words, i)) * call->range + call->low;
    to[i] = x < call->high ? x : call->high;
  }
}

static void wide_normal(const random_call *call, const uint32_t *words, int64_t count, double *to) {
  for (int64_t i = 0; i < count; i += 2) {
    // In (0, 1]: the largest that is under one, less than one away, and so on.
    double u = random_double(random_pair(words, i)) + 0x1p-53;
    double angle = random_double(random_pair(words, i + 1)) * 0x1.921fb54442d18p+2;
    double radius = sqrt(-2.0 * log(u));
    to[i] = radius * cos(angle) * call->deviation + call->mean;
    to[i + 1] = radius * sin(angle) * call->deviation + call->mean;
  }
}

static void float_block(const random_call *call, int64_t at, int64_t count) {
  uint32_t words[RANDOM_BLOCK];
  float buffer[RANDOM_BLOCK];
  int64_t whole = random_round_up(count);
  call->kernels->words(call->key, (uint64_t)at / 4, whole, words);
  if (call->direct && count == whole) {
    floats(call, words, count, (float *)call->out->data + at);
    return;
  }
  floats(call, words, whole, buffer);
  ds_elements_out(call->out, at, count, buffer);
}

static void double_block(const random_call *call, int64_t at, int64_t count) {
  uint32_t words[2 * RANDOM_BLOCK];
  double buffer[RANDOM_BLOCK];
  int64_t whole = random_round_up(count);
  if (call->distribution == UNIFORM || call->distribution == NORMAL) {
    call->kernels->words(call->key, (uint64_t)at / 2, 2 * whole, words);
    if (call->distribution == UNIFORM) wide_uniform(call, words, whole, buffer);
    else wide_normal(call, words, whole, buffer);
  } else {
    float narrow[RANDOM_BLOCK];
    call->kernels->words(call->key, (uint64_t)at / 4, whole, words);
    floats(call, words, whole, narrow);
    for (int64_t i = 0; i < count; i++) buffer[i] = (double)narrow[i];
  }
  ds_elements_out(call->out, at, count, buffer);
}

static void blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const random_call *call = context;
  for (int64_t block = begin; block < end; block++) {
    int64_t at = block * RANDOM_BLOCK;
    int64_t count = call->count - at < RANDOM_BLOCK ? call->count - at : RANDOM_BLOCK;
    if (call->out->dtype == DS_FLOAT64) double_block(call, at, count);
    else float_block(call, at, count);
  }
}

static ds_status generate(random_call *call) {
  call->kernels = random_current_kernels();
  call->direct = call->out->dtype == DS_FLOAT32 && ds_is_contiguous(call->out);
  ds_parallel_for((call->count + RANDOM_BLOCK - 1) / RANDOM_BLOCK, RANDOM_GRAIN_BLOCKS, blocks, call);
  return DS_OK;
}

static ds_status check_output(const ds_view *out, int64_t *count) {
  *count = ds_element_count(out);
  if (*count < 0) return DS_INVALID_SHAPE;
  return ds_is_floating(out->dtype) ? DS_OK : DS_UNSUPPORTED_DTYPE;
}

// `x` rounded to `dtype`.
static double rounded(int32_t dtype, double x) {
  if (dtype == DS_FLOAT64) return x;
  float narrow = (float)x;
  if (dtype == DS_FLOAT32) return (double)narrow;
  uint16_t bits;
  ds_stage_out(dtype, &narrow, 1, &bits, 1);
  ds_stage_in(dtype, &bits, 1, 1, &narrow);
  return (double)narrow;
}

// The largest number of `dtype` under `x`, which is one of its numbers.
static double below(int32_t dtype, double x) {
  if (dtype == DS_FLOAT64) return nextafter(x, -INFINITY);
  if (dtype == DS_FLOAT32) return (double)nextafterf((float)x, -INFINITY);
  float narrow = (float)x;
  uint16_t bits;
  ds_stage_out(dtype, &narrow, 1, &bits, 1);
  if (narrow > 0.0f) bits--;
  else if (narrow < 0.0f) bits++;
  else bits = 0x8001;  // the negative number nearest to zero
  ds_stage_in(dtype, &bits, 1, 1, &narrow);
  return (double)narrow;
}

ds_status ds_random_uniform(const ds_view *out, ds_random_key key, double low, double high) {
  random_call call = {.distribution = UNIFORM, .key = key, .out = out};
  ds_status status = check_output(out, &call.count);
  if (status != DS_OK) return status;
  call.low = rounded(out->dtype, low);
  call.high = rounded(out->dtype, high);
  call.range = call.high - call.low;
  if (out->dtype != DS_FLOAT64) call.range = (double)(float)call.range;
  if (!(low <= high) || !isfinite(call.low) || !isfinite(call.range)) return DS_INVALID_SHAPE;
  if (call.high > call.low) call.high = below(out->dtype, call.high);
  return generate(&call);
}

ds_status ds_random_normal(const ds_view *out, ds_random_key key, double mean, double deviation) {
  random_call call = {.distribution = NORMAL, .key = key, .out = out, .mean = mean, .deviation = deviation};
  ds_status status = check_output(out, &call.count);
  if (status != DS_OK) return status;
  if (!isfinite(mean) || !(deviation >= 0.0) || isinf(deviation)) return DS_INVALID_SHAPE;
  return generate(&call);
}

static double normal_cdf(double x) { return 0.5 * erfc(-x * 0x1.6a09e667f3bcdp-1); }

ds_status ds_random_truncated_normal(const ds_view *out, ds_random_key key, double mean, double deviation, double low,
                                     double high) {
  random_call call = {.distribution = TRUNCATED_NORMAL, .key = key, .out = out, .mean = mean, .low = low, .high = high};
  ds_status status = check_output(out, &call.count);
  if (status != DS_OK) return status;
  if (!isfinite(mean) || !(deviation >= 0.0) || isinf(deviation) || !(low <= high)) return DS_INVALID_SHAPE;
  double a = deviation > 0.0 ? (low - mean) / deviation : -INFINITY;
  double b = deviation > 0.0 ? (high - mean) / deviation : INFINITY;
  call.deviation = deviation;
  if (a > 0.0) {
    // Right of the mean, probabilities close to one have lost their digits: use the mirror image of the interval.
    double mirrored = -b;
    b = -a;
    a = mirrored;
    call.deviation = -deviation;
  }
  call.from = normal_cdf(a);
  call.range = normal_cdf(b) - call.from;
  return generate(&call);
}

typedef struct flags_call {
  const random_kernels *kernels;
  ds_random_key key;
  ds_lines elements;
  uint64_t threshold;
} flags_call;

static void flag_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const flags_call *call = context;
  uint32_t words[RANDOM_BLOCK];
  for (int64_t block = begin; block < end; block++) {
    int64_t at = block * RANDOM_BLOCK;
    int64_t count = call->elements.count - at < RANDOM_BLOCK ? call->elements.count - at : RANDOM_BLOCK;
    call->kernels->words(call->key, (uint64_t)at / 4, random_round_up(count), words);
    for (int64_t i = 0; i < count; i++) *ds_line_address(&call->elements, at + i) = words[i] < call->threshold;
  }
}

ds_status ds_random_bernoulli(const ds_view *out, ds_random_key key, double p) {
  if (isnan(p)) return DS_INVALID_SHAPE;
  uint64_t threshold = p <= 0.0 ? 0 : p >= 1.0 ? (uint64_t)1 << 32 : (uint64_t)(p * 0x1p32);
  if (out->dtype != DS_BOOL) {
    random_call call = {.distribution = BERNOULLI, .key = key, .out = out, .threshold = threshold};
    ds_status status = check_output(out, &call.count);
    return status != DS_OK ? status : generate(&call);
  }
  if (ds_element_count(out) < 0) return DS_INVALID_SHAPE;
  flags_call call = {random_current_kernels(), key, ds_single_elements(out), threshold};
  ds_parallel_for((call.elements.count + RANDOM_BLOCK - 1) / RANDOM_BLOCK, RANDOM_GRAIN_BLOCKS, flag_blocks, &call);
  return DS_OK;
}
