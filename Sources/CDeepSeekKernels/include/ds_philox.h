// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). Element i of a stream is word i % 4 of block i / 4, whatever the thread or vector width, so a
// tensor's randomness depends on its key alone.
#ifndef DS_PHILOX_H
#define DS_PHILOX_H

#include "ds_common.h"

// What names a stream of random numbers.
typedef struct ds_random_key {
  uint64_t seed;
  uint64_t stream;
} ds_random_key;

// Block `block` of the stream: counter words (block low, block high, stream low, stream high), key words the seed's.
static inline void ds_philox_block(ds_random_key key, uint64_t block, uint32_t out[4]) {
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
  uint32_t c2 = (uint32_t)key.stream, c3 = (uint32_t)(key.stream >> 32);
  uint32_t k0 = (uint32_t)key.seed, k1 = (uint32_t)(key.seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// A word as a float in [0, 1): its upper 24 bits.
static inline float ds_uniform_float(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

// Whether dropout with probability `p` keeps the element whose word this is: word >= round(p * 2^32).
static inline uint32_t ds_dropout_threshold(double p) {
  double scaled = p * 4294967296.0;
  return scaled >= 4294967295.0 ? 4294967295u : (uint32_t)scaled;
}

#endif
