/* Calls at an even pace, for longer than a token lives: nobody may notice that it is refreshed, or that a refresh
 * fails. Run with the environment that leads to a server.
 *
 * SCENE_CALLS calls are spread over SCENE_PACE_MS milliseconds and PACERS threads. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

enum { PACERS = 4, MOST_TOKENS = 64 };

typedef struct {
    sm_client *client;
    int64_t start_us, every_us;
    long calls;

    int64_t slowest_us, its_late_us, total_us;
    long failures, dead;
    char tokens[MOST_TOKENS][AUTHORIZATION_SIZE];
    int count_of_tokens;
    pthread_t thread;
} pacer;

/* A pacer sees one token after the other, and none again that it saw replaced. */
static void note_token(pacer *self, const char *authorization)
{
    if (self->count_of_tokens > 0 && strcmp(self->tokens[self->count_of_tokens - 1], authorization) == 0)
        return;
    must(self->count_of_tokens < MOST_TOKENS, "too many tokens");
    snprintf(self->tokens[self->count_of_tokens++], AUTHORIZATION_SIZE, "%s", authorization);
}

static void call(pacer *self, caller *one)
{
    ask_either_way(one);
    self->total_us += one->took_us;
    if (one->took_us - one->late_us > self->slowest_us - self->its_late_us) {
        self->slowest_us = one->took_us;
        self->its_late_us = one->late_us;
    }
    self->failures += one->status != SM_OK;
    if (one->status == SM_OK)
        note_token(self, one->authorization);
    /* A call by handle leaves one that tells how long it is still good. */
    if (one->status == SM_OK && one->number % 2 == 0)
        self->dead += sm_token_expires_in(one->token) <= 0;
}

static void *pace(void *argument)
{
    pacer *self = argument;
    caller one = { 0 };

    one.client = self->client;
    for (long i = 0; i < self->calls; i++) {
        sleep_until_us(self->start_us + i * self->every_us);
        one.number = (int)(i % 2);
        call(self, &one);
    }
    sm_token_free(one.token);
    return NULL;
}

static void paced(void)
{
    static pacer pacers[PACERS];
    static pacer together;
    sm_client *client = scene_client();
    caller first = { 0 };
    long calls = number_in_environment("SCENE_CALLS", 1000) / PACERS;
    int64_t pace_us = number_in_environment("SCENE_PACE_MS", 1000) * INT64_C(1000);
    int64_t start_us;

    first.client = client;
    ask_token(&first);
    act_begin("first");
    callers_report(&first, 1);
    act_end();
    sm_token_free(first.token);

    start_us = now_us();
    for (int i = 0; i < PACERS; i++) {
        pacers[i].client = client;
        pacers[i].calls = calls;
        pacers[i].every_us = pace_us / calls;
        pacers[i].start_us = start_us + i * pacers[i].every_us / PACERS;
        must(pthread_create(&pacers[i].thread, NULL, pace, &pacers[i]) == 0, "pthread_create");
    }
    for (int i = 0; i < PACERS; i++) {
        must(pthread_join(pacers[i].thread, NULL) == 0, "pthread_join");
        together.calls += pacers[i].calls;
        together.total_us += pacers[i].total_us;
        together.failures += pacers[i].failures;
        together.dead += pacers[i].dead;
        if (pacers[i].count_of_tokens > together.count_of_tokens)
            together.count_of_tokens = pacers[i].count_of_tokens;
        if (pacers[i].slowest_us - pacers[i].its_late_us > together.slowest_us - together.its_late_us) {
            together.slowest_us = pacers[i].slowest_us;
            together.its_late_us = pacers[i].its_late_us;
        }
    }
    act_begin("paced");
    json_number("calls", together.calls);
    json_number("took_ms", (now_us() - start_us) / 1000);
    json_number("failures", together.failures);
    json_number("dead", together.dead);
    json_number("tokens", together.count_of_tokens);
    json_number("mean_us", together.total_us / together.calls);
    json_number("slowest_us", together.slowest_us - together.its_late_us);
    json_number("machine_late_us", together.its_late_us);
    act_end();
    sm_client_free(client);
}

int main(int argc, char **argv)
{
    static const scene scenes[] = { { "paced", paced } };

    return PLAY(argc, argv, scenes);
}
