#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "ds_isa.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[DS_ISA_COUNT] = {"portable", "neon",       "avx2",      "avx2vnni",
                                                 "avx512",   "avx512vnni", "avx512bf16", "amx"};

static atomic_int current;
static const char *rejected;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
// The registers of the matrix unit are large: Linux gives them to a process that asks. Elsewhere nobody does.
static bool may_use_tiles(void) {
#if defined(__linux__)
  enum { ASK_FOR_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, ASK_FOR_PERMISSION, TILE_DATA) == 0;
#else
  return false;
#endif
}
#endif

bool ds_isa_available(ds_isa isa) {
  switch (isa) {
    case DS_ISA_PORTABLE:
      return true;
#if defined(__aarch64__)
    case DS_ISA_NEON:
      return true;
#elif defined(__x86_64__)
    case DS_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case DS_ISA_AVX512:
      return ds_isa_available(DS_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case DS_ISA_AVX2_VNNI:
      return ds_isa_available(DS_ISA_AVX2) && __builtin_cpu_supports("avxvnni");
    case DS_ISA_AVX512_VNNI:
      return ds_isa_available(DS_ISA_AVX512) && __builtin_cpu_supports("avx512vnni");
    case DS_ISA_AVX512_BF16:
      return ds_isa_available(DS_ISA_AVX512_VNNI) && __builtin_cpu_supports("avx512bf16");
    case DS_ISA_AMX:
      return ds_isa_available(DS_ISA_AVX512_BF16) && __builtin_cpu_supports("amx-tile") &&
             __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("amx-int8") && may_use_tiles();
#endif
    default:
      return false;
  }
}

static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  int best = DS_ISA_PORTABLE;
  for (int isa = 0; isa < DS_ISA_COUNT; isa++) {
    if (ds_isa_available((ds_isa)isa)) best = isa;
  }
  const char *wanted = getenv("DEEPSEEK_ISA");
  if (wanted != NULL && wanted[0] != '\0') {
    rejected = wanted;
    for (int isa = 0; isa < DS_ISA_COUNT; isa++) {
      if (strcmp(wanted, names[isa]) == 0 && ds_isa_available((ds_isa)isa)) {
        best = isa;
        rejected = NULL;
      }
    }
  }
  atomic_store(&current, best);
}

ds_isa ds_isa_current(void) {
  pthread_once(&once, choose);
  return (ds_isa)atomic_load_explicit(&current, memory_order_relaxed);
}

bool ds_isa_select(ds_isa isa) {
  pthread_once(&once, choose);
  if (!ds_isa_available(isa)) return false;
  atomic_store(&current, isa);
  return true;
}

const char *ds_isa_name(ds_isa isa) { return isa >= 0 && isa < DS_ISA_COUNT ? names[isa] : "unknown"; }

const char *ds_isa_rejected(void) {
  pthread_once(&once, choose);
  return rejected;
}
