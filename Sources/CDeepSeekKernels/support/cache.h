// The caches: how large they are, and how to write past them. Internal to the kernels.
#ifndef DS_CACHE_H
#define DS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

// A cache's size in bytes, level 2 or 3, or what such caches have at the least where the system doesn't say.
int64_t ds_cache_bytes(int level);

// Whether a loop that moves so many bytes had better write its output past the caches: a line that is written as usual is
// first read. That pays from one and a half times the threads' last-level caches on; below it, what the cache still holds of the
// operands is worth more (a sum of two tensors on a Zen 3 with 32 MiB: 38 MB in all 87 GB/s through the caches, 68 past
// them; 75 MB 55 and 66; 400 MB 36 and 47).
bool ds_exceeds_caches(int64_t bytes);

// Makes ds_exceeds_caches true from so many bytes on; 0: where it pays, as said above. For tests.
void ds_set_cache_limit(int64_t bytes);

// Copies past the caches. `to` is aligned to CACHE_LINE. Before another thread reads what was written, the writer must
// call ds_finish_streams.
enum { CACHE_LINE = 64 };
void ds_stream(void *to, const void *from, int64_t bytes);
void ds_finish_streams(void);

#endif
