#include <stdint.h>

#include <sm_token.h>

/* Has the Go function of the cgo.Handle `log` hear what the options' log does. */
sm_status smtoken_set_log(sm_options *options, uintptr_t log, int32_t level);
