#include <stdint.h>

#include <sm_token.h>

/* sm_check, whose steps go to the Go function of the cgo.Handle `taker`. */
sm_status smtoken_check(const char *client_id, const char *client_secret, const sm_options *options, uintptr_t taker,
                        sm_error **error);
