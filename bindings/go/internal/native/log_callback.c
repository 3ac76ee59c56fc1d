#include "log_callback.h"

#include "_cgo_export.h"

static void SM_CALL log_event(void *log, int32_t level, const char *message)
{
    smtokenLog((uintptr_t)log, level, (char *)message);
}

sm_status smtoken_set_log(sm_options *options, uintptr_t log, int32_t level)
{
    return sm_options_set_log(options, log_event, (void *)log, level);
}
