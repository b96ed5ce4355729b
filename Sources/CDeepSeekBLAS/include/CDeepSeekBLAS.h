// OpenBLAS as this process sees it: its version, the kernel family it chose, and why.
#ifndef CDEEPSEEK_BLAS_H
#define CDEEPSEEK_BLAS_H

#endif
