#include "keep_waiting.h"

/* Asked often: without a way into Go and back. */
static int32_t SM_CALL keep_waiting(void *let_go)
{
    return __atomic_load_n((int32_t *)let_go, __ATOMIC_RELAXED) == 0;
}

sm_status smtoken_set_keep_waiting(sm_options *options, int32_t *let_go)
{
    return sm_options_set_keep_waiting(options, keep_waiting, let_go);
}

void smtoken_let_go(int32_t *let_go)
{
    __atomic_store_n(let_go, 1, __ATOMIC_RELAXED);
}
