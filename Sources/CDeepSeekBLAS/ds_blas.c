#if defined(__linux__)
#define _GNU_SOURCE  // RTLD_DEFAULT, strdup
#endif

#include "CDeepSeekBLAS.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// What a family's kernels ask of the CPU. Within a level, families differ in tuning only.
typedef enum level { UNKNOWN, SSE, AVX, AVX2, AVX512, AVX512_BF16 } level;

typedef struct family {
  const char *name;
  level level;
  bool vendors;  // needs instructions beyond its level that later CPUs dropped (3DNow, SSE4a, FMA4, XOP): not ours to pick
} family;

// The x86 families of OpenBLAS's dynamic builds, the best first. The first of each level stands for it in
// ds_blas_best_family.
static const family families[] = {
    {"Cooperlake", AVX512_BF16, false}, {"SkylakeX", AVX512, false},  {"Haswell", AVX2, false},
    {"Zen", AVX2, false},               {"Sandybridge", AVX, false},  {"Bulldozer", AVX, true},
    {"Piledriver", AVX, true},          {"Steamroller", AVX, true},   {"Excavator", AVX, true},
    {"Nehalem", SSE, false},            {"Prescott", SSE, false},     {"Core2", SSE, false},
    {"Penryn", SSE, false},             {"Dunnington", SSE, false},   {"Atom", SSE, false},
    {"Nano", SSE, true},                {"Athlon", SSE, true},        {"Opteron", SSE, true},
    {"Opteron_SSE3", SSE, true},        {"Barcelona", SSE, true},     {"Bobcat", SSE, true},
    {"Katmai", SSE, true},              {"Coppermine", SSE, true},    {"Northwood", SSE, true},
    {"Banias", SSE, true},
};
enum { FAMILIES = sizeof families / sizeof *families };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *forced_family, *forced_l2_size, *replaced_family;

static level cpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512cd");
  if (avx512 && __builtin_cpu_supports("avx512bf16")) return AVX512_BF16;
  if (avx512) return AVX512;
  if (avx2) return AVX2;
  return __builtin_cpu_supports("avx") ? AVX : SSE;
#else
  return UNKNOWN;
#endif
}

static const family *find_family(const char *name) {
  for (int i = 0; i < FAMILIES; i++) {
    if (strcasecmp(families[i].name, name) == 0) return &families[i];
  }
  return NULL;
}

static char *copy_of_variable(const char *name) {
  const char *value = getenv(name);
  return value == NULL || value[0] == '\0' ? NULL : strdup(value);
}

bool ds_blas_select_family(const char *name) {
  const family *wanted = find_family(name);
  if (wanted == NULL || wanted->vendors || wanted->level > cpu_level()) return false;
  // Builds for several families export these two: the one forgets the family, the other chooses as at loading time.
  void (*quit)(void) = NULL, (*initialize)(void) = NULL;
  *(void **)&quit = dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit");
  *(void **)&initialize = dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init");
  if (quit == NULL || initialize == NULL) return false;
  char *before = copy_of_variable("OPENBLAS_CORETYPE");
  if (setenv("OPENBLAS_CORETYPE", wanted->name, 1) != 0) {
    free(before);
    return false;
  }
  quit();
  initialize();
  if (before != NULL) {
    setenv("OPENBLAS_CORETYPE", before, 1);
  } else {
    unsetenv("OPENBLAS_CORETYPE");
  }
  free(before);
  return strcasecmp(openblas_get_corename(), wanted->name) == 0;
}

bool ds_blas_family_is_below_cpu(void) {
  const family *used = find_family(openblas_get_corename());
  level cpu = cpu_level();
  // SkylakeX and Cooperlake have the same float32 and float64 kernels.
  if (cpu == AVX512_BF16) cpu = AVX512;
  return used != NULL && used->level < cpu;
}

const char *ds_blas_best_family(void) {
  level cpu = cpu_level();
  for (int i = 0; i < FAMILIES; i++) {
    if (families[i].level == cpu) return families[i].name;
  }
  return NULL;
}

static void initialize(void) {
  openblas_set_num_threads(1);
  forced_family = copy_of_variable("OPENBLAS_CORETYPE");
  forced_l2_size = copy_of_variable("OPENBLAS_L2_SIZE");
  // A family that somebody asked for is theirs to keep; OpenBLAS's own fallback is nobody's choice.
  if (forced_family != NULL || !ds_blas_family_is_below_cpu()) return;
  const char *best = ds_blas_best_family();
  char *before = strdup(openblas_get_corename());
  if (before != NULL && best != NULL && ds_blas_select_family(best)) {
    replaced_family = before;
  } else {
    free(before);
  }
}

void ds_blas_initialize(void) { pthread_once(&once, initialize); }

const char *ds_blas_version(void) { return openblas_get_config(); }

const char *ds_blas_family(void) { return openblas_get_corename(); }

const char *ds_blas_replaced_family(void) {
  ds_blas_initialize();
  return replaced_family;
}

const char *ds_blas_forced_family(void) {
  ds_blas_initialize();
  return forced_family;
}

const char *ds_blas_forced_l2_size(void) {
  ds_blas_initialize();
  return forced_l2_size;
}
