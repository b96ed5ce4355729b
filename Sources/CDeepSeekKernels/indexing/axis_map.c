#include "axis_map.h"

#include <stdlib.h>

#include "../views/views.h"

static bool allowed(int64_t size, int64_t before, int64_t after, ds_pad_mode mode) {
  int64_t out, limit = (int64_t)1 << 62;
  if (before < -limit || before > limit || after < -limit || after > limit) return false;
  if (__builtin_add_overflow(size, before, &out) || __builtin_add_overflow(out, after, &out) || out < 0) return false;
  int64_t most = before > after ? before : after;
  switch (mode) {
    case DS_PAD_CONSTANT: return true;
    case DS_PAD_REFLECT: return most < size || most <= 0;
    case DS_PAD_REPLICATE: return size > 0 || out == 0;
    case DS_PAD_CIRCULAR: return most <= size;
  }
  return false;
}

static int64_t source_of(int64_t place, int64_t size, ds_pad_mode mode) {
  if (place >= 0 && place < size) return place;
  switch (mode) {
    case DS_PAD_REFLECT: return place < 0 ? -place : 2 * (size - 1) - place;
    case DS_PAD_REPLICATE: return place < 0 ? 0 : size - 1;
    case DS_PAD_CIRCULAR: return place < 0 ? place + size : place - size;
    default: return -1;
  }
}

static void find_stretches(dsv_axis_map *map) {
  int64_t count = 0;
  for (int64_t i = 0; i < map->out;) {
    dsv_stretch stretch = {.start = i, .count = 1, .source = map->source[i]};
    if (i + 1 < map->out && (map->source[i] < 0) == (map->source[i + 1] < 0)) {
      stretch.step = map->source[i + 1] - map->source[i];
    }
    while (i + stretch.count < map->out &&
           map->source[i + stretch.count] == stretch.source + stretch.count * stretch.step &&
           (map->source[i + stretch.count] < 0) == (stretch.source < 0)) {
      stretch.count++;
    }
    i += stretch.count;
    map->stretches[count++] = stretch;
  }
  map->stretch_count = count;
}

static void invert(dsv_axis_map *map) {
  for (int64_t i = 0; i <= map->in; i++) map->shown_begin[i] = 0;
  for (int64_t i = 0; i < map->out; i++) {
    if (map->source[i] >= 0) map->shown_begin[map->source[i] + 1]++;
  }
  for (int64_t i = 0; i < map->in; i++) map->shown_begin[i + 1] += map->shown_begin[i];
  // Each start is advanced while its list fills, and is then the next list's start: shift them back.
  for (int64_t i = 0; i < map->out; i++) {
    if (map->source[i] >= 0) map->shown_at[map->shown_begin[map->source[i]]++] = i;
  }
  for (int64_t i = map->in; i > 0; i--) map->shown_begin[i] = map->shown_begin[i - 1];
  map->shown_begin[0] = 0;
}

ds_status dsv_axis_map_make(dsv_axis_map *map, int64_t size, int64_t before, int64_t after, ds_pad_mode mode) {
  *map = (dsv_axis_map){.in = size};
  if (!allowed(size, before, after, mode)) return DS_INVALID_SHAPE;
  map->out = size + before + after;
  map->source = dsv_allocate(map->out, sizeof(int64_t));
  map->stretches = dsv_allocate(map->out, sizeof(dsv_stretch));
  map->shown_begin = dsv_allocate(size + 1, sizeof(int64_t));
  map->shown_at = dsv_allocate(map->out, sizeof(int64_t));
  if (map->source == NULL || map->stretches == NULL || map->shown_begin == NULL || map->shown_at == NULL) {
    return DS_OUT_OF_MEMORY;
  }
  for (int64_t i = 0; i < map->out; i++) map->source[i] = source_of(i - before, size, mode);
  find_stretches(map);
  invert(map);
  return DS_OK;
}

void dsv_axis_map_free(dsv_axis_map *map) {
  free(map->source);
  free(map->stretches);
  free(map->shown_begin);
  free(map->shown_at);
}
