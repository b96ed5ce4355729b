// What the product adapts to: the instruction set in use and the sizes of the caches.
#include <pthread.h>

#include "ds_isa.h"
#include "gemm_internal.h"
#include "support/cache.h"

const gemm_kernels *gemm_current_kernels(void) {
  switch (ds_isa_current()) {
#if defined(__x86_64__)
    case DS_ISA_AVX512:
    case DS_ISA_AVX512_VNNI:
    case DS_ISA_AVX512_BF16:
    case DS_ISA_AMX:
      return &gemm_kernels_avx512;
    case DS_ISA_AVX2:
    case DS_ISA_AVX2_VNNI:
      return &gemm_kernels_avx2;
#elif defined(__aarch64__)
    case DS_ISA_NEON:
      return &gemm_kernels_neon;
#endif
    default:
      return &gemm_kernels_portable;
  }
}

static gemm_blocking blocking;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int64_t between(int64_t low, int64_t value, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

static void measure(void) {
  const int64_t element = sizeof(float);
  int64_t second = between(256 << 10, ds_cache_bytes(2), 4 << 20);
  int64_t last = between(4 << 20, ds_cache_bytes(3), 32 << 20);
  // Deep blocks mean that C is read and written less often, which counts where the last-level cache is slow. A panel of B
  // may be larger than the first-level cache: the tiles run as fast out of the second level.
  blocking.depth = second >= 512 << 10 ? 768 : 256;
  blocking.rows = second / 2 / (blocking.depth * element);
  blocking.narrow_columns = second / 4 / (blocking.depth * element) / GEMM_PANEL * GEMM_PANEL;
  blocking.columns = last / 8 / (blocking.depth * element) / GEMM_PANEL * GEMM_PANEL;
}

const gemm_blocking *gemm_current_blocking(void) {
  pthread_once(&once, measure);
  return &blocking;
}
