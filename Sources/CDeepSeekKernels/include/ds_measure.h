// What this machine can do at best, measured: the limits that a kernel's rate is to be held against.
#ifndef DS_MEASURE_H
#define DS_MEASURE_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// The rate of float32 multiply-adds out of registers with the instruction set in use, in GFLOP/s (10^9 operations a
// second, a multiply-add counting as two): the best of the rounds that fit into `seconds`, one round at least.
// Runs on `threads` threads, no more than ds_thread_count(). Takes about `seconds`.
double ds_measure_fma_peak(int32_t threads, double seconds);

// The same for the products that low precision has: DS_BFLOAT16 by the instruction for pairs, or as float32 where there is
// none; DS_INT8 into 32-bit sums. 0 for other types.
double ds_measure_dot_peak(ds_dtype dtype, int32_t threads, double seconds);

// What a bare loop does with memory, as McCalpin's STREAM has it.
typedef enum ds_traffic {
  DS_TRAFFIC_READ = 0,   // reads an array
  DS_TRAFFIC_COPY = 1,   // reads one, writes another
  DS_TRAFFIC_TRIAD = 2,  // a[i] = b[i] + s * c[i]: reads two, writes a third
} ds_traffic;

// The rate at which `threads` threads do that, in GB/s (10^9 bytes a second; every array counted once), as the median of the
// rounds that fit into `seconds`; the better of usual stores and of stores past the caches. The arrays together take
// `bytes`: at least four times the last-level cache to measure memory, less to measure a cache. 0 when there is no memory
// for them or no room for a cache line each.
double ds_measure_bandwidth(int32_t threads, ds_traffic traffic, int64_t bytes, double seconds);

#ifdef __cplusplus
}
#endif
#endif
