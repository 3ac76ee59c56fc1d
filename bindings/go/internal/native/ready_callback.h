#include <stdint.h>

#include <sm_token.h>

/* Hands the outcome to the Go function of the cgo.Handle `handler`, once, unless the call fails. */
sm_status smtoken_when_ready(sm_client *client, uintptr_t handler, sm_error **error);
