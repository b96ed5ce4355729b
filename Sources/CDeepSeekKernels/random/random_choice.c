#include "random_internal.h"

#include "../support/ds_choose.h"

const random_kernels *random_current_kernels(void) { return DS_CHOOSE(random_kernels); }
