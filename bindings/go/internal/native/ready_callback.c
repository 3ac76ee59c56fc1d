#include "ready_callback.h"

#include "_cgo_export.h"

static void SM_CALL ready(void *handler, sm_status status, sm_token *token, sm_error *error)
{
    smtokenReady((uintptr_t)handler, status, token, error);
}

sm_status smtoken_when_ready(sm_client *client, uintptr_t handler, sm_error **error)
{
    return sm_client_when_ready(client, ready, (void *)handler, error);
}
