// The C kernels of DeepSeek: one header a family, gathered here.
#ifndef CDEEPSEEK_KERNELS_H
#define CDEEPSEEK_KERNELS_H

#include "ds_attention.h"
#include "ds_checksum.h"
#include "ds_common.h"
#include "ds_context.h"
#include "ds_convolution.h"
#include "ds_elementwise.h"
#include "ds_gemm.h"
#include "ds_indexing.h"
#include "ds_integer_gemm.h"
#include "ds_isa.h"
#include "ds_loss.h"
#include "ds_low_precision.h"
#include "ds_measure.h"
#include "ds_normalization.h"
#include "ds_optimizer.h"
#include "ds_philox.h"
#include "ds_pooling.h"
#include "ds_random.h"
#include "ds_recurrent.h"
#include "ds_reduce.h"
#include "ds_softmax.h"
#include "ds_sorting.h"
#include "ds_threads.h"
#include "ds_window.h"

#endif
