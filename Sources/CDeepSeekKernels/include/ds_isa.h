// Which instruction set the kernels use. Chosen once from the CPU; DEEPSEEK_ISA forces a lower one.
#ifndef DS_ISA_H
#define DS_ISA_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ds_isa {
  DS_ISA_PORTABLE = 0,
  DS_ISA_NEON = 1,
  DS_ISA_AVX2 = 2,         // with FMA and F16C
  DS_ISA_AVX2_VNNI = 3,    // AVX2 and AVX-VNNI
  DS_ISA_AVX512 = 4,       // F, BW, DQ, VL
  DS_ISA_AVX512_VNNI = 5,  // AVX512 and its VNNI extension
  DS_ISA_AVX512_BF16 = 6,  // AVX512_VNNI and the BF16 extension
  DS_ISA_AMX = 7,          // AVX512_BF16, and Intel's matrix unit for bytes and bfloat16
  DS_ISA_COUNT = 8
} ds_isa;

// The set in use: the best that the CPU has, or the one DEEPSEEK_ISA names when the CPU has that.
ds_isa ds_isa_current(void);

// Whether this CPU can run kernels of `isa`.
bool ds_isa_available(ds_isa isa);

// Uses `isa` from now on; false, and nothing changed, when the CPU lacks it. Not to be called while kernels run.
bool ds_isa_select(ds_isa isa);

// "portable", "neon", "avx2", "avx2vnni", "avx512", "avx512vnni", "avx512bf16", "amx": the names DEEPSEEK_ISA takes.
const char *ds_isa_name(ds_isa isa);

// The value of DEEPSEEK_ISA that was asked for and could not be honoured, or NULL.
const char *ds_isa_rejected(void);

#ifdef __cplusplus
}
#endif
#endif
