// The thread pool: every index runs once, borders don't depend on who runs them, and nothing hangs when loops are
// nested, started from several threads at once, or started in a forked child.
#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "ds_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif

enum { LARGEST = 1000 };

typedef struct visits {
  atomic_int seen[LARGEST];
  atomic_int worker_calls[64];
  atomic_int out_of_bounds;
  int64_t count;
  int32_t threads;
} visits;

static void visit(void *context, int64_t begin, int64_t end, int32_t worker) {
  visits *v = context;
  if (begin < 0 || begin >= end || end > v->count || worker < 0 || worker >= v->threads) {
    atomic_fetch_add(&v->out_of_bounds, 1);
    return;
  }
  for (int64_t i = begin; i < end; i++) atomic_fetch_add(&v->seen[i], 1);
  atomic_fetch_add(&v->worker_calls[worker], 1);
}

static void test_every_index_runs_once(int32_t threads) {
  ds_set_thread_count(threads);
  CHECK(ds_thread_count() == threads, "asked for %d threads", threads);
  const int64_t counts[] = {0, 1, 2, 3, 7, 8, 9, 100, LARGEST}, grains[] = {-1, 0, 1, 2, 3, 50, LARGEST + 1};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    for (size_t g = 0; g < sizeof grains / sizeof *grains; g++) {
      for (int repeat = 0; repeat < 20; repeat++) {
        visits v = {.count = counts[c], .threads = threads};
        ds_parallel_for(counts[c], grains[g], visit, &v);
        int wrong = 0, repeated = 0;
        for (int i = 0; i < LARGEST; i++) wrong += v.seen[i] != (i < counts[c]);
        for (int i = 0; i < 64; i++) repeated += v.worker_calls[i] > 1;
        CHECK(wrong == 0 && v.out_of_bounds == 0, "threads %d count %d grain %d: %d indices wrong", threads,
              (int)counts[c], (int)grains[g], wrong);
        CHECK(repeated == 0, "threads %d count %d grain %d: a worker number was given twice", threads, (int)counts[c],
              (int)grains[g]);
      }
    }
  }
}

// Threads that take what is left: every index once, and no thread without a grain of indices.
static void test_dynamic_pieces(int32_t threads) {
  ds_set_thread_count(threads);
  const int64_t counts[] = {0, 1, 2, 3, 7, 100, LARGEST}, grains[] = {-1, 0, 1, 3, 50, LARGEST + 1};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    for (size_t g = 0; g < sizeof grains / sizeof *grains; g++) {
      for (int repeat = 0; repeat < 20; repeat++) {
        visits v = {.count = counts[c], .threads = threads};
        ds_parallel_dynamic(counts[c], grains[g], visit, &v);
        int wrong = 0, pieces = 0;
        for (int i = 0; i < LARGEST; i++) wrong += v.seen[i] != (i < counts[c]);
        for (int i = 0; i < 64; i++) pieces += v.worker_calls[i];
        CHECK(wrong == 0 && v.out_of_bounds == 0, "dynamic, threads %d count %d grain %d: %d indices wrong", threads,
              (int)counts[c], (int)grains[g], wrong);
        int64_t grain = grains[g] < 1 ? 1 : grains[g], most = counts[c] / grain + threads;
        CHECK(pieces <= most && (pieces > 0) == (counts[c] > 0), "dynamic, threads %d count %d grain %d: %d pieces", threads,
              (int)counts[c], (int)grains[g], pieces);
      }
    }
  }
}

enum { HELD_COUNT = 1000 };

// Whoever gets the first indices goes on when all others are done, those of its own part too: another thread has to take them.
static void hold_first(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  atomic_int *done = context;
  if (begin == 0) {
    while (atomic_load(done) < HELD_COUNT - end) usleep(10);
  }
  atomic_fetch_add(done, (int)(end - begin));
}

static void test_dynamic_shares_what_is_left(int32_t threads) {
  if (threads < 2) return;  // alone, the first index comes before the others
  ds_set_thread_count(threads);
  atomic_int done = 0;
  ds_parallel_dynamic(HELD_COUNT, 1, hold_first, &done);
  CHECK(atomic_load(&done) == HELD_COUNT, "threads %d: %d of %d indices done", threads, atomic_load(&done), HELD_COUNT);
}

typedef struct borders {
  int64_t begin[64], end[64];
} borders;

static void note_borders(void *context, int64_t begin, int64_t end, int32_t worker) {
  borders *b = context;
  b->begin[worker] = begin;
  b->end[worker] = end;
}

typedef struct nested {
  borders inner[LARGEST];
  int64_t count, grain;
} nested;

static void start_inner(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  nested *n = context;
  for (int64_t i = begin; i < end; i++) ds_parallel_for(n->count, n->grain, note_borders, &n->inner[i]);
}

static void test_borders_do_not_depend_on_nesting(int32_t threads) {
  ds_set_thread_count(threads);
  borders outer = {0};
  ds_parallel_for(501, 10, note_borders, &outer);
  nested *n = calloc(1, sizeof *n);
  n->count = 501;
  n->grain = 10;
  ds_parallel_for(40, 1, start_inner, n);
  for (int i = 0; i < 40; i++) {
    CHECK(memcmp(&n->inner[i], &outer, sizeof outer) == 0, "threads %d: nested loop %d has other borders", threads, i);
  }
  free(n);
}

enum { CALLERS = 4, LOOPS = 300 };

static void add_indices(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  int64_t sum = 0;
  for (int64_t i = begin; i < end; i++) sum += i;
  atomic_fetch_add((_Atomic int64_t *)context, sum);
}

static void *call_loops(void *argument) {
  atomic_int *wrong = argument;
  for (int i = 0; i < LOOPS; i++) {
    _Atomic int64_t sum = 0;
    ds_parallel_for(1000, 1, add_indices, &sum);
    if (sum != 999 * 1000 / 2) atomic_fetch_add(wrong, 1);
    if (i % 100 == 99) usleep(200);  // long enough for the workers to fall asleep
  }
  return NULL;
}

static void test_callers_at_once(int32_t threads) {
  ds_set_thread_count(threads);
  atomic_int wrong = 0;
  pthread_t callers[CALLERS];
  for (int i = 0; i < CALLERS; i++) pthread_create(&callers[i], NULL, call_loops, &wrong);
  for (int i = 0; i < CALLERS; i++) pthread_join(callers[i], NULL);
  CHECK(wrong == 0, "threads %d: %d sums wrong among concurrent loops", threads, wrong);
}

static void test_workers_wake_after_sleep(int32_t threads) {
  ds_set_thread_count(threads);
  for (int i = 0; i < 20; i++) {
    usleep(300);
    _Atomic int64_t sum = 0;
    ds_parallel_for(1000, 1, add_indices, &sum);
    CHECK(sum == 999 * 1000 / 2, "threads %d: wrong sum after a sleep", threads);
  }
}

#if !defined(THREAD_SANITIZER)  // the sanitizer refuses to start threads in a forked child of a threaded process
static void test_fork(int32_t threads) {
  ds_set_thread_count(threads);
  _Atomic int64_t sum = 0;
  ds_parallel_for(1000, 1, add_indices, &sum);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    atomic_int wrong = 0;
    call_loops(&wrong);
    _exit(wrong == 0 ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
        "threads %d: the forked child ended with status %d", threads, status);
}
#endif

// What a fresh process makes of the environment variable: the test runs itself again. False when it cannot: under a
// user-mode emulator the kernel doesn't know how to start this program (nor can the emulator fork a threaded one).
static bool test_environment(const char *program) {
  static const struct {
    const char *value;
    int expected;  // 0: whatever this machine has
  } cases[] = {{"1", 1}, {"3", 3}, {"0", 0}, {"-2", 0}, {"two", 0}, {"4x", 0}, {"", 0}, {"99999999999999999999", 0}};
  unsetenv("DEEPSEEK_NUM_THREADS");
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  const char *self = length > 0 ? path : program;
  int counts[1 + sizeof cases / sizeof *cases];
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    pid_t child = fork();
    if (child == 0) {
      if (i > 0) setenv("DEEPSEEK_NUM_THREADS", cases[i - 1].value, 1);
      execl(self, self, "--count", (char *)NULL);
      _exit(255);
    }
    int status = 0;
    waitpid(child, &status, 0);
    counts[i] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  if (counts[0] == 255) return false;
  CHECK(counts[0] >= 1 && counts[0] < 255, "default thread count %d", counts[0]);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int expected = cases[i].expected != 0 ? cases[i].expected : counts[0];
    CHECK(counts[i + 1] == expected, "DEEPSEEK_NUM_THREADS='%s' gives %d threads, not %d", cases[i].value,
          counts[i + 1], expected);
  }
  return true;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--count") == 0) return ds_thread_count();
  bool emulated = !test_environment(argv[0]);
  if (emulated) printf("emulated: the environment variable and fork are not tested\n");
  for (int32_t threads = 1; threads <= 5; threads++) {
    test_every_index_runs_once(threads);
    test_dynamic_pieces(threads);
    test_dynamic_shares_what_is_left(threads);
    test_borders_do_not_depend_on_nesting(threads);
    test_callers_at_once(threads);
    test_workers_wake_after_sleep(threads);
#if !defined(THREAD_SANITIZER)
    if (!emulated) test_fork(threads);
#endif
  }
  ds_set_thread_count(0);
  CHECK(ds_thread_count() == 1, "a count below one becomes one");
  return check_summary();
}
