// OpenBLAS as this process sees it: its version, the kernel family it chose, and why.
//
// OpenBLAS picks its kernels by CPU when it is loaded. OPENBLAS_CORETYPE in the environment forces a family, and a CPU
// that OpenBLAS doesn't know falls back to a lesser one; either can halve the speed of every product without a word.
// These functions let a program say so.
#ifndef CDEEPSEEK_BLAS_H
#define CDEEPSEEK_BLAS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes OpenBLAS ready for use from several threads of ours: it starts no threads of its own from now on, since our
// pool cuts products up. Where nobody set OPENBLAS_CORETYPE and OpenBLAS fell back to a family below what the CPU can
// do, makes it choose again. Repeated calls do nothing. To be called before any product runs, as choosing again
// exchanges the kernels and passes the name through the environment.
void ds_blas_initialize(void);

// The version and build options, as OpenBLAS states them: "OpenBLAS 0.3.21 …".
const char *ds_blas_version(void);

// The kernel family in use: "Haswell", "SkylakeX", "Cooperlake", "Zen", ….
const char *ds_blas_family(void);

// The family that OpenBLAS had chosen before ds_blas_initialize made it choose again; NULL when it did not.
const char *ds_blas_replaced_family(void);

// The values of OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE that the process was started with, as
// ds_blas_initialize found them; NULL when unset or empty.
const char *ds_blas_forced_family(void);
const char *ds_blas_forced_l2_size(void);

// The family whose instruction set is the best that this CPU has; NULL on architectures whose families aren't told
// apart here. A CPU with a family of its own ("Zen") gets that one from OpenBLAS, which is as good.
const char *ds_blas_best_family(void);

// Whether the family in use leaves vector instructions unused that the CPU has, whoever is to blame.
bool ds_blas_family_is_below_cpu(void);

// Makes OpenBLAS use the kernels of `family`; true when it then does. Refused, with nothing changed: a name not known
// here, a family that the CPU cannot run, an OpenBLAS built for one family only. Not to be called while a product
// runs.
bool ds_blas_select_family(const char *family);

#ifdef __cplusplus
}
#endif
#endif
