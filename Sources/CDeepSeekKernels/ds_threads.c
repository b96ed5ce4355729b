// The thread pool. Each worker has a mailbox with one piece of work in it; whoever moves the mailbox from POSTED to
// another state owns the piece. So a caller that is done with its own piece takes back what a worker hasn't begun:
// a worker that is slow to wake, or that the system has not scheduled, costs nothing but the lost parallelism.
#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "ds_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "ds_cores.h"

enum {
  MAX_THREADS = 1024,
  CACHE_LINE = 128,                 // two lines, which the prefetcher fetches as a pair
  WORKER_STACK_BYTES = 4 << 20,
  SPIN_NANOSECONDS = 50 * 1000,     // longer than the gap between two operators, shorter than a person's patience
  PAUSES_BETWEEN_YIELDS = 64,
  PIECES_OF_PART = 16               // of a thread's part of a dynamic loop, at most
};

enum { IDLE, POSTED, RUNNING };

typedef struct mailbox {
  _Alignas(CACHE_LINE) atomic_int state;
  atomic_bool sleeping;
  // Written by the caller while IDLE, read by whoever takes the piece.
  ds_range_body body;
  void *context;
  int64_t begin, end;
  int32_t piece;
  pthread_mutex_t lock;
  pthread_cond_t posted;
} mailbox;

static struct {
  atomic_bool busy;  // one loop at a time has the pool; whoever sets this owns the fields up to `done_lock`
  int32_t workers;
  mailbox *mailboxes[MAX_THREADS];
  atomic_bool caller_sleeping;
  pthread_mutex_t done_lock;
  pthread_cond_t done;
} pool = {.done_lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static atomic_int thread_count;
static atomic_int core_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool inside_loop;

// After a fork the child has none of the workers, and their locks are in an unknown state. It starts anew; the old
// mailboxes are left as they are, since freeing memory here is not allowed.
static void forget_workers(void) {
  pool.workers = 0;
  atomic_store(&pool.caller_sleeping, false);
  pool.done_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  pool.done = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  atomic_store(&pool.busy, false);
}

static void initialize(void) {
  int32_t cores = ds_usable_cores();
  atomic_store(&core_count, cores);
  const char *wanted = getenv("DEEPSEEK_NUM_THREADS");
  if (wanted != NULL) {
    char *end;
    errno = 0;
    long number = strtol(wanted, &end, 10);
    if (errno == 0 && end != wanted && *end == '\0' && number > 0) {
      cores = number > MAX_THREADS ? MAX_THREADS : (int32_t)number;
    }
  }
  atomic_store(&thread_count, cores > MAX_THREADS ? MAX_THREADS : cores);
  pthread_atfork(NULL, NULL, forget_workers);
}

int32_t ds_thread_count(void) {
  pthread_once(&once, initialize);
  return atomic_load_explicit(&thread_count, memory_order_relaxed);
}

void ds_set_thread_count(int32_t count) {
  pthread_once(&once, initialize);
  atomic_store(&thread_count, count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : count);
}

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield" ::: "memory");
#endif
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Waits, busily, until the state is `wanted`; false when that took too long and it is time to sleep. Busy waiting
// pays only while every thread has a core: otherwise it keeps off the core the very thread it waits for.
static bool spin_until(mailbox *box, int wanted) {
  if (atomic_load_explicit(&box->state, memory_order_acquire) == wanted) return true;
  if (atomic_load_explicit(&thread_count, memory_order_relaxed) >
      atomic_load_explicit(&core_count, memory_order_relaxed)) {
    return false;
  }
  int64_t deadline = now() + SPIN_NANOSECONDS;
  do {
    for (int i = 0; i < PAUSES_BETWEEN_YIELDS; i++) {
      if (atomic_load_explicit(&box->state, memory_order_acquire) == wanted) return true;
      relax();
    }
    // A thread that was just woken may have been put on this very core.
    sched_yield();
  } while (now() < deadline);
  return false;
}

static void run(mailbox *box) { box->body(box->context, box->begin, box->end, box->piece); }

// Takes the piece if nobody has.
static bool take(mailbox *box, int as) {
  int expected = POSTED;
  return atomic_compare_exchange_strong(&box->state, &expected, as);
}

static void *work(void *argument) {
  mailbox *box = argument;
  inside_loop = true;
  for (;;) {
    if (!spin_until(box, POSTED)) {
      pthread_mutex_lock(&box->lock);
      // `sleeping` before `state` here, `state` before `sleeping` in post(), all in one total order: one of the
      // two sees the other, so that a piece is never posted to a sleeper that nobody wakes. They are exchanges since
      // an emulator was seen to let a later load overtake a sequentially consistent store.
      atomic_exchange(&box->sleeping, true);
      while (atomic_load(&box->state) != POSTED) pthread_cond_wait(&box->posted, &box->lock);
      atomic_store(&box->sleeping, false);
      pthread_mutex_unlock(&box->lock);
    }
    if (!take(box, RUNNING)) continue;
    run(box);
    atomic_exchange(&box->state, IDLE);
    if (atomic_load(&pool.caller_sleeping)) {
      pthread_mutex_lock(&pool.done_lock);
      pthread_mutex_unlock(&pool.done_lock);
      pthread_cond_signal(&pool.done);
    }
  }
  return NULL;
}

static void post(mailbox *box) {
  atomic_exchange(&box->state, POSTED);
  if (atomic_load(&box->sleeping)) {
    // Locking waits until the sleeper is in pthread_cond_wait; signalling afterwards spares it a wait for the lock.
    pthread_mutex_lock(&box->lock);
    pthread_mutex_unlock(&box->lock);
    pthread_cond_signal(&box->posted);
  }
}

// Returns when the worker that took this piece has finished it.
static void wait_until_idle(mailbox *box) {
  if (spin_until(box, IDLE)) return;
  pthread_mutex_lock(&pool.done_lock);
  atomic_exchange(&pool.caller_sleeping, true);
  while (atomic_load(&box->state) != IDLE) pthread_cond_wait(&pool.done, &pool.done_lock);
  atomic_store(&pool.caller_sleeping, false);
  pthread_mutex_unlock(&pool.done_lock);
}

static mailbox *start_worker(void) {
  mailbox *box = aligned_alloc(_Alignof(mailbox), sizeof(mailbox));
  if (box == NULL) return NULL;
  *box = (mailbox){.body = NULL};
  pthread_mutex_init(&box->lock, NULL);
  pthread_cond_init(&box->posted, NULL);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
  // Signals are the application's: its handlers must not run on a worker in the middle of a kernel.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, &attributes, work, box);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (failure == 0) return box;
  pthread_cond_destroy(&box->posted);
  pthread_mutex_destroy(&box->lock);
  free(box);
  return NULL;
}

// The first index of a piece: pieces differ by one index at most, the longer ones first.
static int64_t border(int64_t count, int64_t pieces, int64_t piece) {
  int64_t length = count / pieces, longer = count % pieces;
  return piece * length + (piece < longer ? piece : longer);
}

void ds_parallel_for(int64_t count, int64_t grain, ds_range_body body, void *context) {
  if (count <= 0) return;
  int64_t threads = ds_thread_count(), pieces = count / (grain < 1 ? 1 : grain);
  if (pieces > threads) pieces = threads;
  if (pieces <= 1) {
    body(context, 0, count, 0);
    return;
  }

  bool outermost = !inside_loop;
  bool owns_pool = outermost && !atomic_exchange(&pool.busy, true);
  inside_loop = true;
  // Where there is no pool to share with (it is taken, or a thread could not be started), the pieces run one after
  // the other with the same borders, so that the result does not depend on it.
  int32_t shared = 1;
  if (owns_pool) {
    while (pool.workers < pieces - 1 && (pool.mailboxes[pool.workers] = start_worker()) != NULL) pool.workers++;
    for (; shared < pieces && shared <= pool.workers; shared++) {
      mailbox *box = pool.mailboxes[shared - 1];
      box->body = body;
      box->context = context;
      box->begin = border(count, pieces, shared);
      box->end = border(count, pieces, shared + 1);
      box->piece = shared;
      post(box);
    }
  }
  body(context, 0, border(count, pieces, 1), 0);
  for (int64_t piece = shared; piece < pieces; piece++) {
    body(context, border(count, pieces, piece), border(count, pieces, piece + 1), (int32_t)piece);
  }
  for (int32_t piece = 1; piece < shared; piece++) {
    mailbox *box = pool.mailboxes[piece - 1];
    if (take(box, IDLE)) run(box);
  }
  for (int32_t piece = 1; piece < shared; piece++) wait_until_idle(pool.mailboxes[piece - 1]);
  inside_loop = !outermost;
  if (owns_pool) atomic_store(&pool.busy, false);
}

// What is left of each thread's part.
typedef struct remainder {
  _Alignas(CACHE_LINE) atomic_int_fast64_t next;
  int64_t end;
} remainder;

typedef struct shared_parts {
  remainder *parts;
  int64_t count, grain;
  ds_range_body body;
  void *context;
} shared_parts;

// A thread's own part first, which is likely to be in its core's cache; then what others have not begun.
static void take_parts(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)end;
  const shared_parts *all = context;
  for (int64_t i = 0; i < all->count; i++) {
    remainder *part = &all->parts[(begin + i) % all->count];
    for (;;) {
      int64_t at = atomic_fetch_add_explicit(&part->next, all->grain, memory_order_relaxed);
      if (at >= part->end) break;
      all->body(all->context, at, part->end - at < all->grain ? part->end : at + all->grain, worker);
    }
  }
}

void ds_parallel_dynamic(int64_t count, int64_t grain, ds_range_body body, void *context) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  int64_t threads = ds_thread_count(), parts = count / grain;
  if (parts > threads) parts = threads;
  if (parts <= 1) {
    body(context, 0, count, 0);
    return;
  }
  int64_t length = count / parts / PIECES_OF_PART;
  remainder remainders[parts];
  for (int64_t i = 0; i < parts; i++) {
    atomic_init(&remainders[i].next, border(count, parts, i));
    remainders[i].end = border(count, parts, i + 1);
  }
  shared_parts all = {.parts = remainders, .count = parts, .grain = length > grain ? length : grain, .body = body,
                      .context = context};
  ds_parallel_for(parts, 1, take_parts, &all);
}
