#include "ds_convert.h"

#include "ds_choose.h"

const ds_convert_kernels *ds_convert_current(void) { return DS_CHOOSE(ds_convert); }
