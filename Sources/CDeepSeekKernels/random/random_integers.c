// Bits, integers and permutations from a stream.
#include <stdlib.h>
#include <string.h>

#include "../include/ds_threads.h"
#include "../support/ds_lines.h"
#include "random_internal.h"

typedef struct integers_call {
  const random_kernels *kernels;
  ds_random_key key;
  ds_lines elements;
  bool contiguous;
  bool raw;        // the words themselves
  bool narrow;     // raw, one word an element
  uint64_t low, range;
} integers_call;

static void put(void *at, size_t bytes, uint64_t value) {
  uint8_t u8 = (uint8_t)value;
  uint16_t u16 = (uint16_t)value;
  uint32_t u32 = (uint32_t)value;
  switch (bytes) {
    case 1: memcpy(at, &u8, 1); break;
    case 2: memcpy(at, &u16, 2); break;
    case 4: memcpy(at, &u32, 4); break;
    default: memcpy(at, &value, 8); break;
  }
}

static void integer_blocks(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const integers_call *call = context;
  const ds_lines *elements = &call->elements;
  size_t bytes = elements->element_bytes;
  uint32_t words[2 * RANDOM_BLOCK];
  for (int64_t block = begin; block < end; block++) {
    int64_t at = block * RANDOM_BLOCK;
    int64_t count = elements->count - at < RANDOM_BLOCK ? elements->count - at : RANDOM_BLOCK;
    int64_t per_element = call->narrow ? 1 : 2;
    call->kernels->words(call->key, (uint64_t)(at * per_element / 4), random_round_up(count) * per_element, words);
    for (int64_t i = 0; i < count; i++) {
      uint64_t value = call->narrow ? words[i] : random_pair(words, i);
      if (!call->raw) value = call->low + random_scaled(value, call->range);
      void *to = call->contiguous ? elements->data + (size_t)(at + i) * bytes : ds_line_address(elements, at + i);
      put(to, bytes, value);
    }
  }
}

static ds_status generate(const ds_view *out, integers_call call) {
  if (ds_element_count(out) < 0) return DS_INVALID_SHAPE;
  call.kernels = random_current_kernels();
  call.elements = ds_single_elements(out);
  call.contiguous = ds_is_contiguous(out);
  int64_t blocks = call.elements.count / RANDOM_BLOCK + (call.elements.count % RANDOM_BLOCK != 0);
  ds_parallel_for(blocks, RANDOM_GRAIN_BLOCKS, integer_blocks, &call);
  return DS_OK;
}

ds_status ds_random_bits(const ds_view *out, ds_random_key key) {
  switch (out->dtype) {
    case DS_INT32:
    case DS_UINT32: return generate(out, (integers_call){.key = key, .raw = true, .narrow = true});
    case DS_INT64:
    case DS_UINT64: return generate(out, (integers_call){.key = key, .raw = true});
    default: return DS_UNSUPPORTED_DTYPE;
  }
}

ds_status ds_random_integers(const ds_view *out, ds_random_key key, int64_t low, int64_t high) {
  int64_t least, most;
  switch (out->dtype) {
    case DS_INT8: least = INT8_MIN, most = INT8_MAX; break;
    case DS_UINT8: least = 0, most = UINT8_MAX; break;
    case DS_INT16: least = INT16_MIN, most = INT16_MAX; break;
    case DS_INT32: least = INT32_MIN, most = INT32_MAX; break;
    case DS_INT64: least = INT64_MIN, most = INT64_MAX; break;
    default: return DS_UNSUPPORTED_DTYPE;
  }
  if (low >= high || low < least || high - 1 > most) return DS_INVALID_SHAPE;
  return generate(out, (integers_call){.key = key, .low = (uint64_t)low, .range = (uint64_t)high - (uint64_t)low});
}

// The shuffle from the front: element i changes places with one of 0 ... i, chosen by words 2i and 2i + 1.
static void shuffle(const random_kernels *kernels, ds_random_key key, int64_t count, int64_t *to) {
  uint32_t words[2 * RANDOM_BLOCK];
  for (int64_t at = 0; at < count; at += RANDOM_BLOCK) {
    kernels->words(key, (uint64_t)at / 2, 2 * RANDOM_BLOCK, words);
    int64_t end = count - at < RANDOM_BLOCK ? count - at : RANDOM_BLOCK;
    for (int64_t i = 0; i < end; i++) {
      int64_t other = (int64_t)random_scaled(random_pair(words, i), (uint64_t)(at + i) + 1);
      to[at + i] = to[other];
      to[other] = at + i;
    }
  }
}

ds_status ds_random_permutation(const ds_view *out, ds_random_key key) {
  int64_t count = ds_element_count(out);
  if (count < 0 || out->rank != 1) return DS_INVALID_SHAPE;
  if (out->dtype != DS_INT64 && out->dtype != DS_INT32) return DS_UNSUPPORTED_DTYPE;
  if (out->dtype == DS_INT32 && count > INT32_MAX) return DS_INVALID_SHAPE;
  if (count == 0) return DS_OK;
  const random_kernels *kernels = random_current_kernels();
  if (out->dtype == DS_INT64 && ds_is_contiguous(out)) {
    shuffle(kernels, key, count, out->data);
    return DS_OK;
  }
  if ((uint64_t)count > SIZE_MAX / sizeof(int64_t)) return DS_OUT_OF_MEMORY;
  int64_t *order = malloc((size_t)count * sizeof(int64_t));
  if (order == NULL) return DS_OUT_OF_MEMORY;
  shuffle(kernels, key, count, order);
  ds_lines elements = ds_single_elements(out);
  for (int64_t i = 0; i < count; i++) put(ds_line_address(&elements, i), elements.element_bytes, (uint64_t)order[i]);
  free(order);
  return DS_OK;
}
