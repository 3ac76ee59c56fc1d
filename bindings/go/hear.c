#include "hear.h"

#include "_cgo_export.h"

static void hear(void *log, int32_t level, const char *message)
{
    smtokenHear((uintptr_t)log, level, (char *)message);
}

sm_status smtoken_set_log(sm_options *options, uintptr_t log, int32_t level)
{
    return sm_options_set_log(options, hear, (void *)log, level);
}
