// Lists of (key, position) to be sorted or selected from. Keys come from keys.h; a descending order inverts them, so
// that everything below sorts upwards and equal elements keep their order.
#ifndef DSV_ENTRIES_H
#define DSV_ENTRIES_H

#include "ds_common.h"

// A key of at most 32 bits above a position: comparing the word compares both.
typedef uint64_t dsv_narrow_entry;

typedef struct dsv_wide_entry {
  uint64_t key;
  int64_t position;
} dsv_wide_entry;

// The most elements that a line may have for narrow entries.
#define DSV_NARROW_LIMIT ((int64_t)1 << 32)

static inline uint64_t dsv_narrow_key(dsv_narrow_entry entry) { return entry >> 32; }
static inline int64_t dsv_narrow_position(dsv_narrow_entry entry) { return (int64_t)(entry & 0xffffffffu); }
static inline dsv_narrow_entry dsv_narrow_make(uint64_t key, int64_t position) {
  return key << 32 | (uint64_t)position;
}
static inline bool dsv_narrow_less(dsv_narrow_entry a, dsv_narrow_entry b) { return a < b; }

static inline uint64_t dsv_wide_key(dsv_wide_entry entry) { return entry.key; }
static inline int64_t dsv_wide_position(dsv_wide_entry entry) { return entry.position; }
static inline dsv_wide_entry dsv_wide_make(uint64_t key, int64_t position) {
  return (dsv_wide_entry){.key = key, .position = position};
}
static inline bool dsv_wide_less(dsv_wide_entry a, dsv_wide_entry b) {
  return a.key < b.key || (a.key == b.key && a.position < b.position);
}

// Whether lines of `length` elements of this dtype take wide entries.
static inline bool dsv_needs_wide(int32_t dtype, int64_t length) {
  return dtype == DS_FLOAT64 || dtype == DS_INT64 || length > DSV_NARROW_LIMIT;
}

// One line of a tensor, whose elements lie `stride` elements apart.
typedef struct dsv_line {
  const void *data;
  int64_t stride, length;
  int32_t dtype;
  bool descending;
} dsv_line;

// Makes the entries for positions begin ..< end of the line, in order, at entries[0 …].
void dsv_narrow_fill(const dsv_line *line, int64_t begin, int64_t end, dsv_narrow_entry *entries);
void dsv_wide_fill(const dsv_line *line, int64_t begin, int64_t end, dsv_wide_entry *entries);

// Writes the elements that entries stand for to values (stride in elements) and their positions to indices; either may
// be NULL.
void dsv_narrow_emit(const dsv_line *line, const dsv_narrow_entry *entries, int64_t count, void *values,
                     int64_t *indices, int64_t stride);
void dsv_wide_emit(const dsv_line *line, const dsv_wide_entry *entries, int64_t count, void *values, int64_t *indices,
                   int64_t stride);

// Sorts `count` entries, which stand in the order of their positions; spare has room for as many. Returns whichever of
// the two holds the result. `pieces` > 1 shares the work among the threads; histogram has room for pieces * 2048
// numbers. key_bits: how many low bits of the keys can differ.
dsv_narrow_entry *dsv_narrow_sort(dsv_narrow_entry *entries, dsv_narrow_entry *spare, int64_t count, int32_t key_bits,
                                  int64_t pieces, int64_t *histogram);
dsv_wide_entry *dsv_wide_sort(dsv_wide_entry *entries, dsv_wide_entry *spare, int64_t count, int32_t key_bits,
                              int64_t pieces, int64_t *histogram);

// Moves the `count` least of `total` entries to the front, in any order.
void dsv_narrow_select(dsv_narrow_entry *entries, int64_t total, int64_t count);
void dsv_wide_select(dsv_wide_entry *entries, int64_t total, int64_t count);

// Sorts by key and then by position, whatever order the entries stand in. Without spare memory; for short lists.
void dsv_narrow_order(dsv_narrow_entry *entries, int64_t count);
void dsv_wide_order(dsv_wide_entry *entries, int64_t count);

// The number of numbers in a piece's histogram.
enum { DSV_HISTOGRAM = 2048 };

// Up to this many entries insertion is the fastest sort.
enum { DSV_INSERTION_LIMIT = 24 };

#endif
