#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "cache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "../include/ds_threads.h"

#if defined(__APPLE__)
static int64_t system_cache_bytes(int level) {
  int64_t size = 0;
  size_t length = sizeof size;
  if (sysctlbyname(level == 2 ? "hw.l2cachesize" : "hw.l3cachesize", &size, &length, NULL, 0) != 0) return 0;
  return size;
}
#else
// One word of what Linux says about a cache of a processor.
static bool read_property(int cpu, int index, const char *name, char *text, int room) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index, name);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool is_there = fgets(text, room, file) != NULL;
  fclose(file);
  return is_there;
}

// Linux's number of the first processor's cache of a level; -1 where it doesn't say.
static int index_of(int level) {
  char text[32];
  for (int index = 0; read_property(0, index, "level", text, sizeof text); index++) {
    int found = 0;
    if (sscanf(text, "%d", &found) == 1 && found == level) return index;
  }
  return -1;
}

// Linux knows which cores share a cache; the C library, on AMD, takes all last-level caches of the package for one.
static int64_t system_cache_bytes(int level) {
  char text[32], unit = 0;
  long long size = 0;
  int index = index_of(level);
  if (index >= 0 && read_property(0, index, "size", text, sizeof text) && sscanf(text, "%lld%c", &size, &unit) >= 1) {
    return size * (unit == 'K' ? 1 << 10 : unit == 'M' ? 1 << 20 : 1);
  }
#if defined(_SC_LEVEL2_CACHE_SIZE)
  return sysconf(level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
#else
  return 0;
#endif
}
#endif

// How many last-level caches the processors have that this process may use.
static int64_t last_level_caches(void) {
#if defined(__linux__)
  enum { MOST_CPUS = 1024 };
  char text[32], is_counted[MOST_CPUS] = {0};
  int64_t count = 0;
  int index = index_of(3);
  cpu_set_t allowed;
  if (index < 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  for (int cpu = 0; cpu < MOST_CPUS && cpu < CPU_SETSIZE; cpu++) {
    int first = 0;  // of those that share the cache: it stands for the cache
    if (!CPU_ISSET(cpu, &allowed) || !read_property(cpu, index, "shared_cpu_list", text, sizeof text)) continue;
    if (sscanf(text, "%d", &first) != 1 || first < 0 || first >= MOST_CPUS || is_counted[first]) continue;
    is_counted[first] = 1;
    count++;
  }
  return count > 0 ? count : 1;
#else
  return 1;
#endif
}

int64_t ds_cache_bytes(int level) {
  static atomic_llong known[2];  // levels 2 and 3; 0: not asked yet
  atomic_llong *size = &known[level == 2 ? 0 : 1];
  int64_t bytes = atomic_load_explicit(size, memory_order_relaxed);
  if (bytes == 0) {
    int64_t least = level == 2 ? 256 << 10 : 4 << 20;
    bytes = system_cache_bytes(level);
    if (bytes < least) bytes = least;
    atomic_store_explicit(size, bytes, memory_order_relaxed);
  }
  return bytes;
}

static atomic_llong limit;

void ds_set_cache_limit(int64_t bytes) { atomic_store(&limit, bytes); }

// One and a half times what the last-level caches of the threads hold.
static int64_t usual_limit(void) {
  static atomic_llong known;
  int64_t caches = atomic_load_explicit(&known, memory_order_relaxed), threads = ds_thread_count();
  if (caches == 0) {
    caches = last_level_caches();
    atomic_store_explicit(&known, caches, memory_order_relaxed);
  }
  return ds_cache_bytes(3) / 2 * 3 * (threads < caches ? threads : caches);
}

bool ds_exceeds_caches(int64_t bytes) {
  int64_t most = atomic_load_explicit(&limit, memory_order_relaxed);
  return bytes >= (most != 0 ? most : usual_limit());
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
