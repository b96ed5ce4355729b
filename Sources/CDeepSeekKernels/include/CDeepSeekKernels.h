// The C kernels of DeepSeek: one header a family, gathered here.
#ifndef CDEEPSEEK_KERNELS_H
#define CDEEPSEEK_KERNELS_H

#include "ds_common.h"
#include "ds_elementwise.h"
#include "ds_isa.h"
#include "ds_philox.h"
#include "ds_threads.h"

#endif
