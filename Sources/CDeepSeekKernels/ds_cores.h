// How many cores this process may use. Internal to the kernels.
#ifndef DS_CORES_H
#define DS_CORES_H

#include <stdbool.h>
#include <stdint.h>

// The cores that the affinity mask allows, lowered to what the cgroup's CPU quota (version 1 or 2) pays for,
// rounded up; at least 1.
int32_t ds_usable_cores(void);

#endif
