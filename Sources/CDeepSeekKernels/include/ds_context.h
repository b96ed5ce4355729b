// What a thread remembers between calls: whether gradients are being noted.
#ifndef DS_CONTEXT_H
#define DS_CONTEXT_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// The calling thread's flags; all zero at first. The address stays valid while the thread lives.
typedef struct ds_thread_context {
  int32_t gradients_disabled;  // how many nested scopes have switched gradient tracking off
  int32_t anomaly_checks;      // how many nested scopes ask for NaN and infinity checks
  int32_t autocast;            // not 0 inside a scope of mixed precision
} ds_thread_context;

ds_thread_context *ds_thread_context_get(void);

#ifdef __cplusplus
}
#endif
#endif
