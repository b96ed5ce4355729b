#include "loss_internal.h"

#include "../support/ds_choose.h"

const loss_kernels *loss_current_kernels(void) { return DS_CHOOSE(loss_kernels); }
