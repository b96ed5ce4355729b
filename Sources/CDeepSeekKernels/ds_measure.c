// Measuring the machine's limits. POSIX clocks are asked for by name, as the strict C standard hides them.
#if !defined(__APPLE__)
#define _POSIX_C_SOURCE 200809L
#endif

#include "ds_measure.h"

#include <stdlib.h>
#include <time.h>

#include "ds_isa.h"
#include "ds_threads.h"

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
  void (*triad)(float *a, const float *b, const float *c, float s, int64_t count);
  int64_t flops;  // of one round
} loops;

static loops current_loops(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_BF16:
      return (loops){multiply_add_avx512, triad_avx512, 2 * 16 * 16};
    case DS_ISA_AVX2:
      return (loops){multiply_add_avx2, triad_avx2, 2 * 8 * 12};
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return (loops){multiply_add_neon, triad_neon, 2 * 4 * 24};
#endif
    default:
      return (loops){multiply_add_portable, triad_portable, 2 * 4 * 10};
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
  float *a, *b, *c;  // of the triad
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

static void triad(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  task *t = context;
  int64_t first = t->count / t->threads * begin, last = end == t->threads ? t->count : t->count / t->threads * end;
  t->loops.triad(t->a + first, t->b + first, t->c + first, t->x, last - first);
}

// The shortest time that one loop over the task's threads takes.
static double shortest(task *t, ds_range_body body, double seconds) {
  double best = 1e300, start = now();
  do {
    double begin = now();
    ds_parallel_for(t->threads, 1, body, t);
    double took = now() - begin;
    if (took < best) best = took;
  } while (now() - start < seconds);
  return best > 1e-9 ? best : 1e-9;
}

static int64_t usable_threads(int32_t threads) {
  int32_t most = ds_thread_count();
  return threads < 1 ? 1 : threads > most ? most : threads;
}

double ds_measure_fma_peak(int32_t threads, double seconds) {
  enum { FLOPS_A_ROUND = 200 * 1000 * 1000 };  // a millisecond or so: long beside starting a loop, short beside noise
  task t = {.loops = current_loops(), .threads = usable_threads(threads), .x = 0.999f, .y = 0.001f};
  t.rounds = FLOPS_A_ROUND / t.loops.flops;
  double took = shortest(&t, multiply_add, seconds);
  return (double)(t.rounds * t.loops.flops * t.threads) / took * 1e-9;
}

double ds_measure_bandwidth(int32_t threads, int64_t bytes, double seconds) {
  task t = {.loops = current_loops(), .threads = usable_threads(threads), .x = 0.5f};
  t.count = bytes / (3 * (int64_t)sizeof(float));
  if (t.count <= 0) return 0;
  float *arrays = malloc((size_t)t.count * 3 * sizeof(float));
  if (arrays == NULL) return 0;
  for (int64_t i = 0; i < 3 * t.count; i++) arrays[i] = (float)(i % 7);  // each page is there before time is taken
  t.a = arrays;
  t.b = arrays + t.count;
  t.c = arrays + 2 * t.count;
  double took = shortest(&t, triad, seconds);
  free(arrays);
  return (double)t.count * 3 * sizeof(float) / took * 1e-9;
}
