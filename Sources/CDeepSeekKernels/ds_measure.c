// Measuring the machine's limits. POSIX clocks are asked for by name, as the strict C standard hides them.
#if !defined(__APPLE__)
#define _POSIX_C_SOURCE 200809L
#endif

#include "ds_measure.h"

#include <stdlib.h>
#include <time.h>

#include "ds_isa.h"
#include "ds_threads.h"
#include "low_precision/dot_product.h"
#include "support/cache.h"

#define NAME(function) function##_portable
#define LANES 4
#define SUMS 10
#define FMA(a, b, c) ((a) * (b) + (c))
#include "ds_measure.inc"
#undef NAME
#undef LANES
#undef SUMS
#undef FMA

#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define NAME(function) function##_avx2
#define LANES 8
#define SUMS 12
#include "ds_measure.inc"
#undef NAME
#undef LANES
#undef SUMS
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#define NAME(function) function##_avx512
#define LANES 16
#define SUMS 16
#include "ds_measure.inc"
#pragma clang attribute pop

#elif defined(__aarch64__)

#define NAME(function) function##_neon
#define LANES 4
#define SUMS 24
#include "ds_measure.inc"

#endif

typedef struct loops {
  float (*multiply_add)(int64_t rounds, float x, float y);
  float (*read)(const float *b, int64_t count);
  void (*copy)(float *a, const float *b, const float *c, float s, int64_t count, bool past_caches);
  void (*triad)(float *a, const float *b, const float *c, float s, int64_t count, bool past_caches);
  int64_t flops;  // of one round
} loops;

static loops current_loops(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_VNNI:
    case DS_ISA_AVX512_BF16:
    case DS_ISA_AMX:
      return (loops){multiply_add_avx512, read_avx512, copy_avx512, triad_avx512, 2 * 16 * 16};
    case DS_ISA_AVX2:
    case DS_ISA_AVX2_VNNI:
      return (loops){multiply_add_avx2, read_avx2, copy_avx2, triad_avx2, 2 * 8 * 12};
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return (loops){multiply_add_neon, read_neon, copy_neon, triad_neon, 2 * 4 * 24};
#endif
    default:
      return (loops){multiply_add_portable, read_portable, copy_portable, triad_portable, 2 * 4 * 10};
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

typedef struct task {
  loops loops;
  int64_t rounds;  // of multiply_add
  ds_traffic traffic;
  bool past_caches;
  const dot_kernels *dot;
  float *a, *b, *c;
  int64_t threads, count;
  volatile float x, y;  // volatile, so that the compiler cannot foresee the sums
} task;

static void multiply_add(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  task *t = context;
  for (int64_t i = begin; i < end; i++) {
    volatile float result = t->loops.multiply_add(t->rounds, t->x, t->y);
    (void)result;
  }
}

static void multiply_words(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const task *t = context;
  for (int64_t i = begin; i < end; i++) t->dot->spin(t->rounds, 0x01010101);
}

// Counts in pieces that every loop takes whole.
enum { PIECE = 64 };

static void move(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  task *t = context;
  int64_t pieces = t->count / PIECE;
  int64_t first = pieces / t->threads * begin * PIECE;
  int64_t last = end == t->threads ? t->count : pieces / t->threads * end * PIECE;
  if (t->traffic == DS_TRAFFIC_READ) {
    volatile float result = t->loops.read(t->b + first, last - first);
    (void)result;
    return;
  }
  (t->traffic == DS_TRAFFIC_COPY ? t->loops.copy : t->loops.triad)(t->a + first, t->b + first, t->c + first, t->x,
                                                                   last - first, t->past_caches);
  if (t->past_caches) ds_finish_streams();
}

static double time_of(task *t, ds_range_body body) {
  double begin = now();
  ds_parallel_for(t->threads, 1, body, t);
  double took = now() - begin;
  return took > 1e-9 ? took : 1e-9;
}

static int64_t usable_threads(int32_t threads) {
  int32_t most = ds_thread_count();
  return threads < 1 ? 1 : threads > most ? most : threads;
}

enum { FLOPS_A_ROUND = 200 * 1000 * 1000 };  // a millisecond or so: long beside starting a loop, short beside noise

// The best rate of a loop of so many operations a round.
static double best_rate(task *t, ds_range_body body, int64_t flops, double seconds) {
  t->rounds = FLOPS_A_ROUND / flops;
  double best = 1e300, start = now();
  do {
    double took = time_of(t, body);
    if (took < best) best = took;
  } while (now() - start < seconds);
  return (double)(t->rounds * flops * t->threads) / best * 1e-9;
}

double ds_measure_fma_peak(int32_t threads, double seconds) {
  task t = {.loops = current_loops(), .threads = usable_threads(threads), .x = 0.999f, .y = 0.001f};
  return best_rate(&t, multiply_add, t.loops.flops, seconds);
}

double ds_measure_dot_peak(ds_dtype dtype, int32_t threads, double seconds) {
  task t = {.threads = usable_threads(threads)};
  int64_t values = 0;  // in a word
  if (dtype == DS_INT8) {
    t.dot = dot_int8_kernels(8);
    values = 4 / t.dot->spread;
  } else if (dtype == DS_BFLOAT16) {
    t.dot = dot_bf16_kernels();
    if (t.dot == NULL) return ds_measure_fma_peak(threads, seconds);
    values = 2;
  } else {
    return 0;
  }
  return best_rate(&t, multiply_words, 2 * values * t.dot->spin_words, seconds);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The median of the rounds that fit into `seconds`, after one that brings in what a cache can hold.
static double usual_time(task *t, double seconds) {
  enum { MOST_ROUNDS = 4096 };
  double times[MOST_ROUNDS], start = now();
  int64_t count = 0;
  time_of(t, move);
  do times[count++] = time_of(t, move);
  while (count < MOST_ROUNDS && now() - start < seconds);
  qsort(times, (size_t)count, sizeof *times, compare);
  return times[count / 2];
}

double ds_measure_bandwidth(int32_t threads, ds_traffic traffic, int64_t bytes, double seconds) {
  task t = {.loops = current_loops(), .threads = usable_threads(threads), .x = 0.5f, .traffic = traffic};
  int64_t arrays = traffic == DS_TRAFFIC_READ ? 1 : traffic == DS_TRAFFIC_COPY ? 2 : 3;
  t.count = bytes / (arrays * (int64_t)sizeof(float)) / PIECE * PIECE;
  if (t.count <= 0) return 0;
  float *memory = aligned_alloc(PIECE * sizeof(float), (size_t)(t.count * arrays) * sizeof(float));
  if (memory == NULL) return 0;
  for (int64_t i = 0; i < arrays * t.count; i++) memory[i] = (float)(i % 7);  // each page is there before time is taken
  t.b = memory;
  t.a = arrays > 1 ? memory + t.count : memory;
  t.c = arrays > 2 ? memory + 2 * t.count : memory;
  double took = usual_time(&t, traffic == DS_TRAFFIC_READ ? seconds : seconds / 2);
  if (traffic != DS_TRAFFIC_READ) {
    t.past_caches = true;
    double past = usual_time(&t, seconds / 2);
    if (past < took) took = past;
  }
  free(memory);
  return (double)(t.count * arrays) * sizeof(float) / took * 1e-9;
}
