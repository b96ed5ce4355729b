// The kernels of ds_random.h that each instruction set fills in. Counts are multiples of RANDOM_STEP.
#ifndef RANDOM_INTERNAL_H
#define RANDOM_INTERNAL_H

#include "../include/ds_random.h"

enum {
  RANDOM_BLOCK = 1024,  // words generated at a time: with what is made of them, they stay in the first-level cache
  RANDOM_STEP = 32      // two of the widest vectors
};

typedef struct random_kernels {
  // Words 4 * block ..< 4 * block + count of the stream.
  void (*words)(ds_random_key key, uint64_t block, int64_t count, uint32_t *out);
  // min(low + range * u, most)
  void (*uniform)(const uint32_t *words, int64_t count, float low, float range, float most, float *out);
  void (*normal)(const uint32_t *words, int64_t count, float mean, float deviation, float *out);
  // u in [from, from + range) to mean + deviation * quantile(u), clamped to [low, high].
  void (*quantile)(const uint32_t *words, int64_t count, float from, float range, float mean, float deviation,
                   float low, float high, float *out);
  // (word >= threshold ? x * scale : 0) + residual, which may be NULL.
  void (*dropout_float)(const uint32_t *words, int64_t count, const float *x, uint32_t threshold, float scale,
                        const float *residual, float *out);
  void (*dropout_double)(const uint32_t *words, int64_t count, const double *x, uint32_t threshold, double scale,
                         const double *residual, double *out);
  float (*maximum)(const float *x, int64_t count);
  // e^(x - shift)
  void (*exponentials)(const float *x, int64_t count, float shift, float *out);
} random_kernels;

extern const random_kernels random_kernels_portable;
#if defined(__x86_64__)
extern const random_kernels random_kernels_avx2, random_kernels_avx512;
#elif defined(__aarch64__)
extern const random_kernels random_kernels_neon;
#endif

const random_kernels *random_current_kernels(void);

// How many indices of a loop over blocks make a piece worth another thread.
enum { RANDOM_GRAIN_BLOCKS = 16 };

// The 64 bits of words 2i and 2i + 1.
static inline uint64_t random_pair(const uint32_t *words, int64_t i) {
  return (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
}

// A number in [0, 1) of 53 bits.
static inline double random_double(uint64_t bits) { return (double)(bits >> 11) * 0x1p-53; }

// The upper half of the product of 64-bit numbers.
static inline uint64_t random_scaled(uint64_t bits, uint64_t range) {
  return (uint64_t)((unsigned __int128)bits * range >> 64);
}

static inline int64_t random_round_up(int64_t count) { return (count + RANDOM_STEP - 1) / RANDOM_STEP * RANDOM_STEP; }

#endif
