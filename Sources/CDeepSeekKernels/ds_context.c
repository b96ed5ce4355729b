#include "ds_context.h"

static _Thread_local ds_thread_context context;

ds_thread_context *ds_thread_context_get(void) { return &context; }
