#include "cache.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

int64_t ds_cache_bytes(int level) {
  int64_t size = 0;
#if defined(__APPLE__)
  size_t length = sizeof size;
  if (sysctlbyname(level == 2 ? "hw.l2cachesize" : "hw.l3cachesize", &size, &length, NULL, 0) != 0) size = 0;
#elif defined(_SC_LEVEL2_CACHE_SIZE)
  size = sysconf(level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
#endif
  int64_t least = level == 2 ? 256 << 10 : 4 << 20;
  return size < least ? least : size;
}

static atomic_llong limit;

void ds_set_cache_limit(int64_t bytes) { atomic_store(&limit, bytes); }

bool ds_exceeds_caches(int64_t bytes) {
  int64_t most = atomic_load_explicit(&limit, memory_order_relaxed);
  if (most == 0) {
    most = ds_cache_bytes(3);
    atomic_store_explicit(&limit, most, memory_order_relaxed);
  }
  return bytes >= most;
}

typedef float lanes __attribute__((ext_vector_type(4)));

void ds_stream(void *to, const void *from, int64_t bytes) {
  int64_t whole = bytes / CACHE_LINE * CACHE_LINE, step = (int64_t)sizeof(lanes);
  for (int64_t i = 0; i < whole; i += CACHE_LINE) {
    // A line's four stores follow on one another, so that they leave together.
    lanes line[CACHE_LINE / sizeof(lanes)];
    memcpy(line, (const char *)from + i, sizeof line);
    for (int64_t j = 0; j < CACHE_LINE / step; j++) {
      __builtin_nontemporal_store(line[j], (lanes *)(void *)((char *)to + i + j * step));
    }
  }
  memcpy((char *)to + whole, (const char *)from + whole, (size_t)(bytes - whole));
}

// The strongest fence orders such stores on every processor; the weaker ones don't on x86.
void ds_finish_streams(void) { atomic_thread_fence(memory_order_seq_cst); }
