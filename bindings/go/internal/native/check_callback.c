#include "check_callback.h"

#include "_cgo_export.h"

static int32_t SM_CALL take_step(void *taker, const char *name, int32_t verdict, const char *text, const char *advice)
{
    smtokenStep((uintptr_t)taker, (char *)name, verdict, (char *)text, (char *)advice);
    return 1;
}

sm_status smtoken_check(const char *client_id, const char *client_secret, const sm_options *options, uintptr_t taker,
                        sm_error **error)
{
    return sm_check(client_id, client_secret, options, take_step, (void *)taker, error);
}
