// Scratch memory by thread. Large blocks ask for huge pages: a packed block is read in an order that would otherwise
// touch more small pages than the first-level translation buffer holds.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif

#include "ds_scratch.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { ALIGNMENT = 64, HUGE_PAGE_BYTES = 2 << 20 };

typedef struct slots {
  void *memory[DS_SCRATCH_SLOTS];
  size_t size[DS_SCRATCH_SLOTS];
} slots;

static _Thread_local slots *mine;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void release(void *pointer) {
  slots *s = pointer;
  for (int i = 0; i < DS_SCRATCH_SLOTS; i++) free(s->memory[i]);
  free(s);
  mine = NULL;
}

static void create_key(void) { pthread_key_create(&key, release); }

void *ds_scratch(ds_scratch_slot slot, size_t bytes) {
  if (mine == NULL) {
    pthread_once(&once, create_key);
    slots *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    if (pthread_setspecific(key, s) != 0) {
      free(s);
      return NULL;
    }
    mine = s;
  }
  if (mine->size[slot] >= bytes) return mine->memory[slot];
  free(mine->memory[slot]);
  mine->memory[slot] = NULL;
  mine->size[slot] = 0;
  size_t alignment = bytes >= HUGE_PAGE_BYTES / 4 ? HUGE_PAGE_BYTES : ALIGNMENT;
  if (bytes > SIZE_MAX - alignment) return NULL;
  size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc(alignment, size);
  if (memory == NULL) return NULL;
#if defined(__linux__)
  if (alignment == HUGE_PAGE_BYTES) madvise(memory, size, MADV_HUGEPAGE);
#endif
  mine->memory[slot] = memory;
  mine->size[slot] = size;
  return memory;
}
