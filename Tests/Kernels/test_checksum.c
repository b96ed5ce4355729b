// CRC-32C: RFC 3720's own examples, and every length and alignment against one bit at a time.
#include "ds_checksum.h"

#include <string.h>

#include "check.h"

static uint32_t bit_by_bit(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
  }
  return ~crc;
}

static void test_published_examples(void) {
  uint8_t bytes[32];
  memset(bytes, 0, sizeof bytes);
  CHECK(ds_crc32c(0, bytes, 32) == 0x8A9136AAu, "32 zeros");
  memset(bytes, 255, sizeof bytes);
  CHECK(ds_crc32c(0, bytes, 32) == 0x62A8AB43u, "32 ones");
  for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)i;
  CHECK(ds_crc32c(0, bytes, 32) == 0x46DD794Eu, "32 rising");
  for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(31 - i);
  CHECK(ds_crc32c(0, bytes, 32) == 0x113FDB5Cu, "32 falling");
  CHECK(ds_crc32c(0, "123456789", 9) == 0xE3069283u, "digits");
}

static void test_every_length_and_alignment(void) {
  uint8_t bytes[96];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 37 + 11);
  for (size_t start = 0; start < 9; start++) {
    for (size_t count = 0; start + count <= sizeof bytes; count++) {
      const uint32_t expected = bit_by_bit(bytes + start, count);
      CHECK(ds_crc32c(0, bytes + start, count) == expected, "start %zu, count %zu", start, count);
      const size_t half = count / 2;
      const uint32_t first = ds_crc32c(0, bytes + start, half);
      CHECK(ds_crc32c(first, bytes + start + half, count - half) == expected, "in two parts: start %zu, count %zu",
            start, count);
    }
  }
}

int main(void) {
  test_published_examples();
  test_every_length_and_alignment();
  return check_summary();
}
