#include <stdint.h>

#include <sm_token.h>

/* Hands the events of the options' log to the Go function of the cgo.Handle `log`. */
sm_status smtoken_set_log(sm_options *options, uintptr_t log, int32_t level);
