// The arithmetic of references: long double where the hardware has it; elsewhere double, since the emulation of a wider
// type is in a compiler's library that a cross-built test does without.
#ifndef DEEPSEEK_PRECISE_H
#define DEEPSEEK_PRECISE_H

#include <tgmath.h>

#if defined(__x86_64__)
typedef long double precise;
#define PRECISE(constant) constant##L
#else
typedef double precise;
#define PRECISE(constant) constant
#endif

#endif
