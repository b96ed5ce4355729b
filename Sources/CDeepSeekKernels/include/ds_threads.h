// The one thread pool of the process. Kernels split their work over it; nothing else starts threads.
#ifndef DS_THREADS_H
#define DS_THREADS_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// Work on the half-open range [begin, end) of a loop; `worker` is in 0 ..< ds_thread_count().
typedef void (*ds_range_body)(void *context, int64_t begin, int64_t end, int32_t worker);

// The number of threads a loop may use, the caller's among them. At first: DEEPSEEK_NUM_THREADS when it is a
// positive number, else the cores this process may use (affinity and cgroup quota counted).
int32_t ds_thread_count(void);

// Sets the number of threads for loops that start from now on; at least 1. Not to be called from inside a loop.
void ds_set_thread_count(int32_t count);

// Runs `body` over [0, count), cut into pieces of at least `grain` indices, on the pool and on the caller's thread,
// and returns when all is done. Pieces are contiguous and their borders depend only on count, grain and the thread
// count, so a loop repeats bit for bit. A loop inside a loop, or one too small to share, runs on the caller alone.
// Several threads may call this at once: one gets the pool, the others run their loop alone.
void ds_parallel_for(int64_t count, int64_t grain, ds_range_body body, void *context);

// The same, but each thread takes its part piece by piece, at least `grain` indices each, and when it is done with it, pieces that
// others have not begun: where the indices' costs differ, or one core is slower than the others or taken away for a while, nobody
// waits for long. `body` is called several times by one worker, and which worker gets what is left to chance: so its result
// must depend on neither.
void ds_parallel_dynamic(int64_t count, int64_t grain, ds_range_body body, void *context);

#ifdef __cplusplus
}
#endif
#endif
