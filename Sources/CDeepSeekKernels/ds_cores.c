// Counting cores: the affinity mask says where the process may run, the cgroup's quota how much of that it is given.
// A container with a quota of two cores on a machine of 64 must not start 64 threads: they would be throttled.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "ds_cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int32_t online_cores(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count > INT32_MAX ? INT32_MAX : (int32_t)count;
}

#if defined(__linux__)

enum { PATH_LIMIT = 4096 };

static int32_t affinity_cores(void) {
  // The kernel refuses a mask shorter than its own, whose length nothing reports: grow until it fits.
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
    cpu_set_t *set = CPU_ALLOC(cpus);
    if (set == NULL) break;
    size_t size = CPU_ALLOC_SIZE(cpus);
    int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
  return online_cores();
}

// The first line of a small file, without its line end; false when there is none.
static bool read_line(const char *path, char *line, size_t size) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool read = fgets(line, (int)size, file) != NULL;
  fclose(file);
  if (read) line[strcspn(line, "\n")] = '\0';
  return read;
}

// Cores that one folder of the hierarchy allows, or INT32_MAX where it sets no limit.
static int32_t folder_quota(const char *folder, bool version2) {
  char path[PATH_LIMIT + 64], line[128];
  long long quota = -1, period = 0;
  if (version2) {
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld %lld", &quota, &period) != 2) return INT32_MAX;
  } else {
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld", &quota) != 1) return INT32_MAX;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld", &period) != 1) return INT32_MAX;
  }
  if (quota <= 0 || period <= 0) return INT32_MAX;
  long long cores = quota / period + (quota % period != 0);
  return cores > INT32_MAX ? INT32_MAX : (int32_t)cores;
}

// The least quota from `group` up to the root. Inside a container the path that the kernel reports may be the
// host's and not exist here; the walk then ends at the root, where the container's own limit is mounted.
static int32_t tightest_quota(const char *root, const char *group, bool version2) {
  char folder[PATH_LIMIT];
  int length = snprintf(folder, sizeof folder, "%s%s", root, strcmp(group, "/") == 0 ? "" : group);
  if (length < 0 || (size_t)length >= sizeof folder) return folder_quota(root, version2);
  int32_t least = INT32_MAX;
  for (size_t root_length = strlen(root);;) {
    int32_t quota = folder_quota(folder, version2);
    if (quota < least) least = quota;
    char *slash = strrchr(folder, '/');
    if (slash == NULL || (size_t)(slash - folder) < root_length) return least;
    *slash = '\0';
  }
}

static bool lists_cpu(const char *controllers) {
  for (const char *at = controllers; *at != '\0';) {
    size_t length = strcspn(at, ",");
    if (length == 3 && memcmp(at, "cpu", 3) == 0) return true;
    at += length + (at[length] == ',');
  }
  return false;
}

static int32_t quota_cores(void) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (file == NULL) return INT32_MAX;
  int32_t least = INT32_MAX;
  char line[PATH_LIMIT];
  // Each line reads "hierarchy:controllers:/path"; the line of version 2 has no controllers.
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    if (controllers == NULL) continue;
    char *group = strchr(++controllers, ':');
    if (group == NULL) continue;
    *group++ = '\0';
    int32_t quota = INT32_MAX;
    if (*controllers == '\0') {
      quota = tightest_quota("/sys/fs/cgroup", group, true);
    } else if (lists_cpu(controllers)) {
      quota = tightest_quota("/sys/fs/cgroup/cpu", group, false);
    }
    if (quota < least) least = quota;
  }
  fclose(file);
  return least;
}

int32_t ds_usable_cores(void) {
  int32_t cores = affinity_cores(), quota = quota_cores();
  return quota < cores ? quota : cores;
}

#else

int32_t ds_usable_cores(void) { return online_cores(); }

#endif
