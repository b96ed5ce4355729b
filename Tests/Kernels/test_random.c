// Random numbers against the generator's published answers and a scalar reference, distributions against their moments
// and quantiles, and the promise that neither instruction set, thread count nor layout changes a number.
#include "ds_random.h"

#include "check.h"
#include "ds_isa.h"
#include "ds_threads.h"
#include "test_tensors.h"

enum { MANY = 200000 };

// Of all numbers made in digest(), below.
static const uint64_t DIGEST = 0x4490b22461866874;

static test_tensor line(int32_t dtype, int64_t count) { return test_make(dtype, 1, &count, CONTIGUOUS); }

// Of Philox4x32-10, from the test vectors that come with the paper's library.
static void known_answers(void) {
  const struct {
    uint64_t seed, stream, block;
    uint32_t words[4];
  } answers[] = {
      {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {~0ull, ~0ull, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (int i = 0; i < 3; i++) {
    uint32_t words[4];
    ds_philox_block((ds_random_key){answers[i].seed, answers[i].stream}, answers[i].block, words);
    for (int j = 0; j < 4; j++) CHECK(words[j] == answers[i].words[j], "answer %d word %d: %08x", i, j, words[j]);
  }
}

static const ds_random_key key = {0x123456789abcdef0, 0xfedcba9876543211};

static uint32_t word_at(int64_t i) {
  uint32_t words[4];
  ds_philox_block(key, (uint64_t)i / 4, words);
  return words[i % 4];
}
static uint64_t pair_at(int64_t i) { return (uint64_t)word_at(2 * i + 1) << 32 | word_at(2 * i); }

static void bits(void) {
  const int64_t counts[] = {0, 1, 3, 4, 5, 31, 32, 33, 1023, 1024, 1025, 70001};
  for (int c = 0; c < 12; c++) {
    test_tensor narrow = line(DS_UINT32, counts[c]), wide = line(DS_INT64, counts[c]);
    CHECK(ds_random_bits(&narrow.view, key) == DS_OK, "status");
    CHECK(ds_random_bits(&wide.view, key) == DS_OK, "status");
    int64_t wrong = 0;
    for (int64_t i = 0; i < counts[c]; i++) {
      wrong += ((uint32_t *)narrow.memory)[i] != word_at(i) || ((uint64_t *)wide.memory)[i] != pair_at(i);
    }
    CHECK(wrong == 0, "%d words of %d differ from the scalar generator", (int)wrong, (int)counts[c]);
    test_free(&narrow);
    test_free(&wide);
  }
}

static void moments(const test_tensor *t, double *mean, double *deviation) {
  double sum = 0.0, squares = 0.0;
  for (int64_t i = 0; i < t->count; i++) sum += test_get(t, i);
  *mean = sum / (double)t->count;
  for (int64_t i = 0; i < t->count; i++) {
    double d = test_get(t, i) - *mean;
    squares += d * d;
  }
  *deviation = sqrt(squares / (double)t->count);
}

// Each type's numbers: exact uniform and nearly exact normal values by formula in double.
static void values(void) {
  const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};
  for (int d = 0; d < 4; d++) {
    double rounding = test_rounding(types[d]);
    bool wide = types[d] == DS_FLOAT64;
    test_tensor t = line(types[d], 10007);
    CHECK(ds_random_uniform(&t.view, key, -2.0, 6.0) == DS_OK, "status");
    for (int64_t i = 0; i < t.count; i++) {
      double u = wide ? (double)(pair_at(i) >> 11) * 0x1p-53 : (double)(word_at(i) >> 8) * 0x1p-24;
      double x = test_get(&t, i);
      // Twice: the numbers that would round to the bound are kept under it.
      CHECK_CLOSE(x, -2.0 + 8.0 * u, 8.0 * 0x1p-24 * !wide, 2.0 * rounding, "uniform %d of type %d", (int)i, types[d]);
      CHECK(x >= -2.0 && x < 6.0, "uniform %g is outside", x);
    }
    CHECK(ds_random_normal(&t.view, key, 0.5, 2.0) == DS_OK, "status");
    for (int64_t i = 0; i < t.count; i++) {
      int64_t even = i / 2 * 2;
      double u = wide ? (double)(pair_at(even) >> 11) * 0x1p-53 + 0x1p-53
                      : ((double)(word_at(even) >> 1) + 0.5) * 0x1p-31;
      double turns = wide ? (double)(pair_at(even + 1) >> 11) * 0x1p-53 : (double)word_at(even + 1) * 0x1p-32;
      double angle = 0x1.921fb54442d18p+2 * turns, radius = sqrt(-2.0 * log(u));
      double expected = 0.5 + 2.0 * radius * (i % 2 ? sin(angle) : cos(angle));
      // A float u near one has lost bits of its distance to one, and the radius is the root of that.
      double slack = wide ? 1e-13 : u > 0.99 ? 1e-3 : 3e-6;
      CHECK_CLOSE(test_get(&t, i), expected, slack, rounding, "normal %d of type %d", (int)i, types[d]);
    }
    test_free(&t);
  }
  // Rounding must not reach the upper bound where it is coarse.
  test_tensor half = line(DS_BFLOAT16, MANY);
  CHECK(ds_random_uniform(&half.view, key, 0.0, 1.0) == DS_OK, "status");
  double most = 0.0;
  for (int64_t i = 0; i < half.count; i++) most = fmax(most, test_get(&half, i));
  CHECK(most == 1.0 - 0x1p-8, "the largest bfloat16 under one is drawn, and one is not: %g", most);
  test_free(&half);
}

static void distributions(void) {
  const double root = sqrt((double)MANY);
  double mean, deviation;
  const int32_t types[] = {DS_FLOAT32, DS_FLOAT64};
  for (int d = 0; d < 2; d++) {
    test_tensor t = line(types[d], MANY);
    ds_random_uniform(&t.view, key, 3.0, 5.0);
    moments(&t, &mean, &deviation);
    CHECK_CLOSE(mean, 4.0, 4.0 * 0.5774 / root, 0.0, "mean of uniform numbers");
    CHECK_CLOSE(deviation, 1.0 / sqrt(3.0), 4.0 * 0.4 / root, 0.0, "deviation of uniform numbers");
    ds_random_normal(&t.view, key, -1.0, 3.0);
    moments(&t, &mean, &deviation);
    CHECK_CLOSE(mean, -1.0, 4.0 * 3.0 / root, 0.0, "mean of normal numbers");
    CHECK_CLOSE(deviation, 3.0, 4.0 * 2.2 / root, 0.0, "deviation of normal numbers");
    int64_t within = 0;
    for (int64_t i = 0; i < t.count; i++) within += fabs(test_get(&t, i) + 1.0) < 3.0 * 0.6744897501960817;
    CHECK_CLOSE((double)within / MANY, 0.5, 2.0 / root, 0.0, "half of all normal numbers lie within 0.6745 deviations");
    test_free(&t);
  }
}

static double cdf(double x) { return 0.5 * erfc(-x / sqrt(2.0)); }

// A truncated normal number, put through the distribution function, gives back the word that it came from.
static void truncated(void) {
  const double bounds[][2] = {{-2, 2}, {-INFINITY, INFINITY}, {0.5, 0.75}, {3, 4}, {-9, -5}, {6, INFINITY}};
  test_tensor t = line(DS_FLOAT32, 5003);
  for (int b = 0; b < 6; b++) {
    double low = 1.0 + 0.5 * bounds[b][0], high = 1.0 + 0.5 * bounds[b][1];
    CHECK(ds_random_truncated_normal(&t.view, key, 1.0, 0.5, low, high) == DS_OK, "status");
    bool mirrored = bounds[b][0] > 0.0;
    double a = mirrored ? -bounds[b][1] : bounds[b][0], c = mirrored ? -bounds[b][0] : bounds[b][1];
    for (int64_t i = 0; i < t.count; i++) {
      double x = test_get(&t, i), z = (x - 1.0) / 0.5 * (mirrored ? -1.0 : 1.0);
      CHECK(x >= low && x <= high, "%g is outside [%g, %g]", x, low, high);
      double u = ((double)(word_at(i) >> 8) + 0.5) * 0x1p-24, p = cdf(a) + u * (cdf(c) - cdf(a));
      // An error in z moves p by the density, which in the tail is about |z| p.
      double slack = (3e-5 * (fabs(z) + 1.0)) * (fabs(z) + 1.0) * fmin(p, 1.0 - p) + 2e-7;
      if (fabs(z) > 4.0) slack = 3e-4 * (fabs(z) + 1.0) * p;
      CHECK_CLOSE(cdf(z), p, slack, 0.0, "truncated normal %d in [%g, %g]", (int)i, bounds[b][0], bounds[b][1]);
    }
  }
  CHECK(ds_random_truncated_normal(&t.view, key, 0.3, 0.0, -1.0, 1.0) == DS_OK, "status");
  CHECK(test_get(&t, 17) == (double)0.3f, "without deviation, the mean");
  CHECK(ds_random_truncated_normal(&t.view, key, 0.0, 1.0, 2.0, 1.0) == DS_INVALID_SHAPE, "empty interval");
  test_free(&t);
}

static void integers(void) {
  test_tensor wide = line(DS_INT64, 5000), narrow = line(DS_INT32, 5000), byte = line(DS_INT8, 5000);
  const int64_t ranges[][2] = {{0, 2}, {-3, 11}, {0, INT64_MAX}, {INT64_MIN, INT64_MAX}, {7, 8}};
  for (int r = 0; r < 5; r++) {
    uint64_t range = (uint64_t)ranges[r][1] - (uint64_t)ranges[r][0];
    CHECK(ds_random_integers(&wide.view, key, ranges[r][0], ranges[r][1]) == DS_OK, "status");
    for (int64_t i = 0; i < wide.count; i++) {
      int64_t x = ((int64_t *)wide.memory)[i];
      uint64_t high = (uint64_t)((unsigned __int128)pair_at(i) * range >> 64);
      CHECK(x == (int64_t)((uint64_t)ranges[r][0] + high), "integer %d of range %d", (int)i, r);
      CHECK(x >= ranges[r][0] && x < ranges[r][1], "outside");
    }
  }
  CHECK(ds_random_integers(&wide.view, key, -100, 28) == DS_OK, "status");
  CHECK(ds_random_integers(&narrow.view, key, -100, 28) == DS_OK, "status");
  CHECK(ds_random_integers(&byte.view, key, -100, 28) == DS_OK, "status");
  int64_t differing = 0;
  for (int64_t i = 0; i < wide.count; i++) {
    differing += test_get(&wide, i) != test_get(&narrow, i) || test_get(&wide, i) != test_get(&byte, i);
  }
  CHECK(differing == 0, "%d integers depend on the type", (int)differing);
  CHECK(ds_random_integers(&byte.view, key, 0, 129) == DS_INVALID_SHAPE, "what the type cannot hold");
  CHECK(ds_random_integers(&byte.view, key, 3, 3) == DS_INVALID_SHAPE, "an empty range");
  test_free(&wide);
  test_free(&narrow);
  test_free(&byte);
}

static void permutations(void) {
  const int64_t counts[] = {0, 1, 2, 5, 1024, 1025, 30000};
  for (int c = 0; c < 7; c++) {
    test_tensor wide = line(DS_INT64, counts[c]), narrow = test_make(DS_INT32, 1, &counts[c], FLIPPED);
    CHECK(ds_random_permutation(&wide.view, key) == DS_OK && ds_random_permutation(&narrow.view, key) == DS_OK, "status");
    char *seen = calloc((size_t)counts[c] + 1, 1);
    int64_t moved = 0;
    for (int64_t i = 0; i < counts[c]; i++) {
      int64_t x = ((int64_t *)wide.memory)[i];
      CHECK(x >= 0 && x < counts[c] && !seen[x], "%d appears twice or is no index", (int)x);
      if (x >= 0 && x < counts[c]) seen[x] = 1;
      CHECK(test_get(&narrow, i) == (double)x, "the type or layout changed the permutation");
      moved += x != i;
    }
    if (counts[c] > 1000) CHECK(moved > counts[c] - 20, "only %d of %d moved", (int)moved, (int)counts[c]);
    free(seen);
    test_free(&wide);
    test_free(&narrow);
  }
  // All orders of three are equally likely.
  int64_t tally[27] = {0};
  for (uint64_t seed = 0; seed < 6000; seed++) {
    int64_t order[3];
    ds_view view = {.data = order, .dtype = DS_INT64, .rank = 1, .shape = {3}, .strides = {1}};
    ds_random_permutation(&view, (ds_random_key){seed, 5});
    tally[order[0] * 9 + order[1] * 3 + order[2]]++;
  }
  for (int i = 0; i < 27; i++) {
    if (tally[i] > 0) CHECK_CLOSE((double)tally[i], 1000.0, 150.0, 0.0, "order %d", i);
  }
}

static void bernoulli(void) {
  const double chances[] = {0.0, 0.25, 0.9, 1.0, -1.0, 2.0};
  test_tensor flags = line(DS_BOOL, MANY), floats = line(DS_FLOAT16, MANY);
  for (int p = 0; p < 6; p++) {
    CHECK(ds_random_bernoulli(&flags.view, key, chances[p]) == DS_OK, "status");
    CHECK(ds_random_bernoulli(&floats.view, key, chances[p]) == DS_OK, "status");
    double sum = 0.0;
    int64_t wrong = 0;
    for (int64_t i = 0; i < MANY; i++) {
      sum += test_get(&flags, i);
      wrong += test_get(&flags, i) != test_get(&floats, i);
    }
    double chance = fmin(fmax(chances[p], 0.0), 1.0);
    CHECK_CLOSE(sum / MANY, chance, 4.0 * sqrt(chance * (1.0 - chance) / MANY), 0.0, "share of ones, p %g", chance);
    CHECK(wrong == 0, "flags and numbers differ");
  }
  CHECK(ds_random_bernoulli(&flags.view, key, NAN) == DS_INVALID_SHAPE, "NaN is no probability");
  test_free(&flags);
  test_free(&floats);
}

static void categorical(void) {
  const int64_t rows = CHECK_EMULATED ? 2000 : 20000, classes = 300, shape[2] = {rows, classes};
  const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_BFLOAT16};
  for (int d = 0; d < 3; d++) {
    test_tensor logits = test_make(types[d], 2, shape, d == 0 ? CONTIGUOUS : SPREAD), out = line(DS_INT64, rows);
    double probability[300], total = 0.0;
    for (int64_t c = 0; c < classes; c++) {
      double logit = c % 7 == 3 ? -INFINITY : c == 299 ? 3.0 : (double)(c % 5) * 0.5;
      probability[c] = exp(logit);
      total += probability[c];
      for (int64_t r = 0; r < rows; r++) test_set(&logits, r * classes + c, logit + 50.0);
    }
    CHECK(ds_random_categorical(&logits.view, key, &out.view) == DS_OK, "status");
    int64_t counts[300] = {0};
    for (int64_t r = 0; r < rows; r++) {
      int64_t drawn = ((int64_t *)out.memory)[r];
      CHECK(drawn >= 0 && drawn < classes, "drew %d", (int)drawn);
      if (drawn < 0 || drawn >= classes) continue;
      counts[drawn]++;
      // The running sum passes u times the total at the class that was drawn.
      double u = (double)(pair_at(r) >> 11) * 0x1p-53 * total, below = 0.0;
      for (int64_t c = 0; c < drawn; c++) below += probability[c];
      CHECK(below <= u + 1e-5 * total && u <= below + probability[drawn] + 1e-5 * total, "row %d drew %d", (int)r,
            (int)drawn);
    }
    for (int64_t c = 0; c < classes; c++) {
      if (isinf(log(probability[c]))) CHECK(counts[c] == 0, "an impossible class was drawn");
    }
    test_set(&logits, 5 * classes + 17, NAN);
    CHECK(ds_random_categorical(&logits.view, key, &out.view) == DS_INDEX_OUT_OF_RANGE, "a NaN logit");
    for (int64_t c = 0; c < classes; c++) test_set(&logits, 5 * classes + c, -INFINITY);
    CHECK(ds_random_categorical(&logits.view, key, &out.view) == DS_INDEX_OUT_OF_RANGE, "no finite logit");
    test_free(&logits);
    test_free(&out);
  }
}

static void dropout(void) {
  const int32_t types[] = {DS_FLOAT32, DS_FLOAT64, DS_FLOAT16, DS_BFLOAT16};
  const int64_t shapes[][2] = {{1, 1}, {3, 5}, {40, 33}, {7, 1024}, {300, 257}, {0, 4}};
  const double chances[] = {0.0, 0.1, 0.5, 1.0};
  for (int d = 0; d < 4; d++)
    for (int s = 0; s < 6; s++)
      for (int layout = 0; layout < TEST_LAYOUTS; layout++)
        for (int p = 0; p < 4; p++) {
          // Enough blocks for threads to share, and rows of a whole block: in a few of the cases.
          if (shapes[s][0] == 300 && (layout != CONTIGUOUS || p != 1)) continue;
          if (shapes[s][0] == 7 && d != layout) continue;
          test_tensor x = test_make(types[d], 2, shapes[s], (test_layout)layout);
          test_tensor residual = test_make(types[d], 2, shapes[s], CONTIGUOUS);
          test_tensor out = test_make(types[d], 2, shapes[s], (test_layout)((layout + p) % TEST_LAYOUTS));
          test_tensor sum = test_make(types[d], 2, shapes[s], (test_layout)layout);
          test_fill(&x, 0.0, 2.0);
          test_fill(&residual, 1.0, 2.0);
          if (x.count > 3) test_set(&x, 3, INFINITY);
          CHECK(ds_dropout(&x.view, key, chances[p], &out.view) == DS_OK, "status");
          CHECK(ds_dropout_add(&x.view, key, chances[p], &residual.view, &sum.view) == DS_OK, "status");
          for (int64_t i = 0; i < x.count; i++) {
            bool kept = chances[p] < 1.0 && word_at(i) >= ds_dropout_threshold(chances[p]);
            double expected = kept ? test_get(&x, i) / (1.0 - chances[p]) : 0.0;
            double rounding = test_rounding(types[d]), least = types[d] == DS_FLOAT16 ? 0x1p-25 : 0.0;
            CHECK_CLOSE(test_get(&out, i), expected, least, 3.0 * rounding, "dropout %d, type %d, layout %d, p %g",
                        (int)i, types[d], layout, chances[p]);
            CHECK_CLOSE(test_get(&sum, i), test_get(&residual, i) + expected, 4.0 * rounding, 3.0 * rounding,
                        "dropout and residual %d, type %d, layout %d", (int)i, types[d], layout);
          }
          // In place, over its own input.
          CHECK(ds_dropout(&x.view, key, chances[p], &x.view) == DS_OK, "status");
          for (int64_t i = 0; i < x.count; i++) CHECK(test_get(&x, i) == test_get(&out, i), "in place, element %d", (int)i);
          test_free(&x);
          test_free(&residual);
          test_free(&out);
          test_free(&sum);
        }
  test_tensor x = line(DS_FLOAT32, 8), integers_ = line(DS_INT32, 8), other = line(DS_FLOAT32, 7);
  CHECK(ds_dropout(&x.view, key, 1.5, &x.view) == DS_INVALID_SHAPE, "p above one");
  CHECK(ds_dropout(&x.view, key, NAN, &x.view) == DS_INVALID_SHAPE, "p is no number");
  CHECK(ds_dropout(&x.view, key, 0.5, &other.view) == DS_INVALID_SHAPE, "shapes differ");
  CHECK(ds_dropout(&integers_.view, key, 0.5, &integers_.view) == DS_UNSUPPORTED_DTYPE, "integers");
  test_free(&x);
  test_free(&integers_);
  test_free(&other);
}

// A digest of everything that the float32 paths make; the same on every instruction set, so that it is checked against
// the portable one's.
static uint64_t digest(void) {
  uint64_t hash = 1469598103934665603u;
  test_tensor t = line(DS_FLOAT32, 100003), out = line(DS_INT64, 50);
  for (int round = 0; round < 4; round++) {
    if (round == 0) ds_random_uniform(&t.view, key, -0.3, 0.7);
    else if (round == 1) ds_random_normal(&t.view, key, 0.1, 0.7);
    else if (round == 2) ds_random_truncated_normal(&t.view, key, 0.1, 0.7, -1.0, 2.5);
    else ds_dropout(&t.view, key, 0.3, &t.view);
    const uint32_t *words = t.memory;
    for (int64_t i = 0; i < t.count; i++) hash = (hash ^ words[i]) * 1099511628211u;
  }
  ds_view logits = {.data = t.memory, .dtype = DS_FLOAT32, .rank = 2, .shape = {50, 2000}, .strides = {2000, 1}};
  ds_random_categorical(&logits, key, &out.view);
  const uint64_t *drawn = out.memory;
  for (int64_t i = 0; i < 50; i++) hash = (hash ^ drawn[i]) * 1099511628211u;
  test_free(&t);
  test_free(&out);
  return hash;
}

static void sameness(void) {
  ds_isa isa = ds_isa_current();
  int32_t threads = ds_thread_count();
  uint64_t here = digest();
  ds_set_thread_count(1);
  CHECK(digest() == here, "one thread gives other numbers than %d", threads);
  ds_isa_select(DS_ISA_PORTABLE);
  CHECK(digest() == here, "%s gives other numbers than the portable kernels", ds_isa_name(isa));
  ds_isa_select(isa);
  ds_set_thread_count(threads);
  // Found with the portable kernels on x86: other machines must agree.
  CHECK(here == DIGEST, "the numbers have changed: digest %016llx", (unsigned long long)here);
}

static void refusals(void) {
  test_tensor t = line(DS_FLOAT32, 8), integers_ = line(DS_INT32, 8);
  ds_view bad = t.view;
  bad.rank = 9;
  CHECK(ds_random_uniform(&bad, key, 0, 1) == DS_INVALID_SHAPE, "rank 9");
  bad.rank = 1;
  bad.shape[0] = -1;
  CHECK(ds_random_normal(&bad, key, 0, 1) == DS_INVALID_SHAPE, "a negative extent");
  CHECK(ds_random_uniform(&integers_.view, key, 0, 1) == DS_UNSUPPORTED_DTYPE, "integers");
  CHECK(ds_random_uniform(&t.view, key, 1, 0) == DS_INVALID_SHAPE, "bounds in the wrong order");
  CHECK(ds_random_uniform(&t.view, key, NAN, 0) == DS_INVALID_SHAPE, "NaN");
  CHECK(ds_random_uniform(&t.view, key, -3e38, 3e38) == DS_INVALID_SHAPE, "a range beyond float32");
  CHECK(ds_random_normal(&t.view, key, 0, -1) == DS_INVALID_SHAPE, "a negative deviation");
  CHECK(ds_random_bits(&t.view, key) == DS_UNSUPPORTED_DTYPE, "bits of floats");
  CHECK(ds_random_permutation(&t.view, key) == DS_UNSUPPORTED_DTYPE, "a permutation of floats");
  CHECK(ds_random_uniform(&t.view, key, 4, 4) == DS_OK && test_get(&t, 3) == 4.0, "a single point");
  test_free(&t);
  test_free(&integers_);
}

int main(void) {
  known_answers();
  bits();
  values();
  distributions();
  truncated();
  integers();
  permutations();
  bernoulli();
  categorical();
  dropout();
  sameness();
  refusals();
  return check_summary();
}
