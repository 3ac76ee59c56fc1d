#include <stdint.h>

#include <sm_token.h>

/* Has a waiting call end once *let_go is not 0. */
sm_status smtoken_set_keep_waiting(sm_options *options, int32_t *let_go);

/* Ends that wait, from any thread. */
void smtoken_let_go(int32_t *let_go);
