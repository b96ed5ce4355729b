#include "norm_internal.h"

#include "../support/ds_choose.h"

const norm_kernels *norm_current_kernels(void) { return DS_CHOOSE(norm_kernels); }
