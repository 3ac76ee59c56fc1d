/* Many callers at once, and one request. Run with the environment that leads to a server. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

enum { COLD = 256, INVALIDATORS = 64, REFUSED = 128 };

static caller callers[COLD];

static void *ask(void *argument)
{
    ask_either_way(argument);
    return NULL;
}

static void act(const char *name, int count, sm_client *client, void *(*body)(void *))
{
    callers_run(callers, count, client, body);
    act_begin(name);
    callers_report(callers, count);
    act_end();
}

static void cold(void)
{
    sm_client *client = scene_client();

    act("cold", COLD, client, ask);
    callers_forget(callers, COLD);
    sm_client_free(client);
}

/* ---- all got a 401 for the same token ---- */

static void *ask_for_a_handle(void *argument)
{
    ask_token(argument);
    return NULL;
}

static void *invalidate_and_ask_again(void *argument)
{
    caller *self = argument;

    switch (self->number % 3) {
    case 0:
        sm_client_invalidate(self->client, self->token);
        break;
    case 1:
        sm_client_invalidate_authorization(self->client, self->authorization);
        break;
    default:
        sm_client_invalidate_authorization(self->client, sm_token_access_token(self->token));
    }
    ask_either_way(self);
    return NULL;
}

static void invalidate(void)
{
    sm_client *client = scene_client();
    char first[AUTHORIZATION_SIZE];

    act("before", INVALIDATORS, client, ask_for_a_handle);
    memcpy(first, callers[0].authorization, sizeof first);
    callers_run(callers, INVALIDATORS, client, invalidate_and_ask_again);
    act_begin("after");
    callers_report(callers, INVALIDATORS);
    json_number("is_another_token", strcmp(first, callers[0].authorization) != 0);
    act_end();
    callers_forget(callers, INVALIDATORS);
    sm_client_free(client);
}

/* ---- a failure is everyone's, and is remembered ---- */

static void *wait_as_told_and_ask_again(void *argument)
{
    caller *self = argument;

    sleep_until_us(self->began_us + self->took_us + self->retry_after_ms * 1000);
    ask_either_way(self);
    return NULL;
}

/* Fails together; is told to wait, from memory; and does as told once the word comes that the server is back. */
static void failure(void)
{
    sm_client *client = scene_client();

    act("together", REFUSED, client, ask);
    act("from memory", REFUSED, client, ask);
    await_word();
    act("as told", REFUSED, client, wait_as_told_and_ask_again);
    callers_forget(callers, REFUSED);
    sm_client_free(client);
}

/* A refusal lasts too long to wait for; who knows that it is over says so. */
static void refusal(void)
{
    sm_client *client = scene_client();

    act("together", REFUSED, client, ask);
    act("from memory", REFUSED, client, ask);
    sm_client_invalidate_authorization(client, NULL);
    act("forgotten", REFUSED, client, ask);
    sm_client_invalidate(client, NULL);
    act("forgotten again", REFUSED, client, ask);
    callers_forget(callers, REFUSED);
    sm_client_free(client);
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "cold", cold },
        { "invalidate", invalidate },
        { "failure", failure },
        { "refusal", refusal },
    };

    return PLAY(argc, argv, scenes);
}
