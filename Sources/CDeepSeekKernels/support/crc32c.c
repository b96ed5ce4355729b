// CRC-32C: x86 has an instruction since SSE 4.2, aarch64 as an extension; the table works everywhere.
#include "../include/ds_checksum.h"

#include <pthread.h>
#include <string.h>

#include "../include/ds_isa.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_WORD(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
#define CRC_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#elif defined(__aarch64__)
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#include <arm_acle.h>
#define CRC_TARGET __attribute__((target("crc")))
#define CRC_WORD(crc, word) __crc32cd(crc, word)
#define CRC_BYTE(crc, byte) __crc32cb(crc, byte)
#endif

// The polynomial with its bits reversed.
static const uint32_t polynomial = 0x82F63B78;
// table[k][b]: byte b with k zero bytes behind it.
static uint32_t table[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
    table[0][byte] = crc;
  }
  for (int k = 1; k < 8; k++) {
    for (int byte = 0; byte < 256; byte++) {
      table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 255];
    }
  }
}

static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  pthread_once(&once, fill_table);
  for (; count >= 8; bytes += 8, count -= 8) {
    const uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                                (uint32_t)bytes[3] << 24);
    crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
          table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
  }
  for (; count > 0; bytes++, count--) crc = (crc >> 8) ^ table[0][(crc ^ *bytes) & 255];
  return crc;
}

#if defined(CRC_TARGET)
CRC_TARGET static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = CRC_WORD(crc, word);
  }
  for (; count > 0; bytes++, count--) crc = CRC_BYTE(crc, *bytes);
  return crc;
}

static int has_instruction(void) {
  // What is forced down to the portable kernels is so here too.
  if (ds_isa_current() == DS_ISA_PORTABLE) return 0;
#if defined(__x86_64__)
  return __builtin_cpu_supports("sse4.2");
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
  return 1;
#endif
}
#endif

uint32_t ds_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(CRC_TARGET)
  if (has_instruction()) return ~by_instruction(~crc, bytes, count);
#endif
  return ~by_table(~crc, bytes, count);
}
