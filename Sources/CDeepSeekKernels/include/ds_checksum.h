// Checksums of files' blocks.
#ifndef DS_CHECKSUM_H
#define DS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// CRC-32C (Castagnoli, as in RFC 3720, appendix B.4) of bytes whose predecessors have the checksum `crc`; 0 at the
// beginning. By the processor's own instruction where it has one, else eight bytes at a time by table.
uint32_t ds_crc32c(uint32_t crc, const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif
#endif
