/* Makes, uses and frees clients by the hundred, and tells what the process holds before and after. Run with the
 * environment that leads to a server. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

static void SM_CALL hear(void *user_data, int32_t level, const char *message)
{
    (void)level;
    *(size_t *)user_data += strlen(message);
}

/* Each life is of another kind: unused, used, invalidated and used again, shut down, refused. */
static void live(int number)
{
    size_t heard = 0;
    sm_options *options = scene_options();
    sm_client *client;
    caller one = { 0 };

    must(sm_options_set_log(options, hear, &heard, SM_LOG_DEBUG) == SM_OK, "sm_options_set_log");
    client = client_with(options);
    one.client = client;
    if (number % 10 != 0) {
        ask_token(&one);
        ask_authorization(&one);
        must(one.status == SM_OK, "a token");
    }
    if (number % 10 < 3) {
        sm_client_invalidate(client, one.token);
        ask_authorization(&one);
        must(one.status == SM_OK, "another token");
    }
    if (number % 10 < 5) {
        sm_client_shutdown(client);
        ask_authorization(&one);
        must(one.status == SM_ERROR_CANCELED, "a client that is shut down");
    }
    sm_client_free(client);
    sm_token_free(one.token);
}

static void report_what_is_held(const char *when)
{
    act_begin(when);
    /* The pulse, and this one. */
    json_number("threads", threads_settled(2, 5000000) - 2);
    json_number("descriptors", descriptors());
    json_number("memory_kib", memory_kib());
    act_end();
}

static void lives(void)
{
    const int warm_up = (int)setting("SCENE_WARM_UP", 0), count = (int)setting("SCENE_LIVES", 0);

    for (int i = 0; i < warm_up; i++)
        live(i);
    report_what_is_held("warm");
    for (int i = 0; i < count; i++)
        live(i);
    report_what_is_held("after");
}

int main(int argc, char **argv)
{
    static const scene scenes[] = { { "lives", lives } };

    return PLAY(argc, argv, scenes);
}
