#include "CDeepSeekEngines.h"

_Static_assert(sizeof(dse_tf_output) == 2 * sizeof(void *), "TF_Output is a pointer and an int");
