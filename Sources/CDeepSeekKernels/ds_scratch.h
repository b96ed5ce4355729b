// Memory for intermediate results that a thread keeps from call to call. Internal to the kernels.
#ifndef DS_SCRATCH_H
#define DS_SCRATCH_H

#include <stddef.h>

// What the memory is for. A kernel that calls another keeps its own while the other uses another slot.
typedef enum ds_scratch_slot {
  DS_SCRATCH_GEMM_A,
  DS_SCRATCH_GEMM_B,
  DS_SCRATCH_ATTENTION,
  DS_SCRATCH_CONVOLUTION,
  DS_SCRATCH_SLOTS
} ds_scratch_slot;

// At least `bytes` bytes of this thread's, aligned to 64 bytes, with undefined contents; NULL when there is no memory.
// They stay valid until the thread asks for the same slot again, and are freed when it ends. Callers keep their
// requests bounded (by block sizes, not by tensor sizes), since a thread never gives back what it once had.
void *ds_scratch(ds_scratch_slot slot, size_t bytes);

#endif
