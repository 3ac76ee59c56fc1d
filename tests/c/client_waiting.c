/* Callers that are let go from a name look-up that hangs, and a client that is freed under a flight which hangs.
 * Run with the environment that leads to a server that hangs. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>

#include "client_scene.h"

enum { WAITING = 32 };

static caller callers[WAITING];

/* ---- a name look-up that hangs ---- */

static sem_t held, released;
static int holds_look_ups;

/* Stands before the C library's, which the library under test would call. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    if (holds_look_ups) {
        must(sem_post(&held) == 0, "sem_post");
        must(sem_wait(&released) == 0, "sem_wait");
    }
    /* The way POSIX shows to turn an object pointer into one to a function. */
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    /* `localhost` is looked up nowhere, so the scenes have a server by another name. */
    return real(strcmp(node, "standard-metrics.test") == 0 ? "127.0.0.1" : node, service, hints, found);
}

static void *ask(void *argument)
{
    ask_either_way(argument);
    return NULL;
}

static int64_t time_to_free(sm_client *client)
{
    int64_t begun_us = now_us();

    sm_client_free(client);
    return now_us() - begun_us;
}

/* ---- shutdown ---- */

static void shutdown_in_a_look_up(void)
{
    static caller late;
    sm_client *client = scene_client();
    int64_t shut_down_us, last_us = 0;

    must(sem_init(&held, 0, 0) == 0 && sem_init(&released, 0, 0) == 0, "sem_init");
    holds_look_ups = 1;
    callers_start(callers, WAITING, client, ask);
    must(sem_wait(&held) == 0, "sem_wait");

    shut_down_us = now_us();
    sm_client_shutdown(client);
    callers_join(callers, WAITING);
    for (int i = 0; i < WAITING; i++)
        if (callers[i].began_us + callers[i].took_us > last_us)
            last_us = callers[i].began_us + callers[i].took_us;
    act_begin("canceled");
    callers_report(callers, WAITING);
    json_number("last_left_us", last_us - shut_down_us);
    act_end();

    callers_run(&late, 1, client, ask);
    act_begin("later");
    callers_report(&late, 1);
    act_end();

    act_begin("freed");
    json_number("took_us", time_to_free(client));
    act_end();
    callers_forget(callers, WAITING);
    must(sem_post(&released) == 0, "sem_post");
}

/* ---- free, with a flight that nobody waits for ---- */

/* The server's first token is soon stale, and the refresh behind it hangs. */
static void freed_under_a_flight(void)
{
    /* This one and the pulse. */
    const long own_threads = threads();
    const long own_descriptors = descriptors();
    sm_client *client = scene_client();
    caller caller = { 0 };
    int64_t until_us = now_us() + setting("SCENE_CALLS_FOR_MS", 0) * INT64_C(1000);

    caller.client = client;
    do {
        ask_authorization(&caller);
        must(caller.status == SM_OK, "a call that gets no token");
        sleep_until_us(now_us() + 2000);
    } while (now_us() < until_us);
    act_begin("under way");
    json_number("flights", threads() - own_threads);
    act_end();
    act_begin("freed");
    json_number("took_us", time_to_free(client));
    json_number("threads_left", threads_settled(own_threads, 1000000) - own_threads);
    json_number("descriptors_left", descriptors() - own_descriptors);
    act_end();
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "shutdown-in-a-look-up", shutdown_in_a_look_up },
        { "freed-under-a-flight", freed_under_a_flight },
    };

    return PLAY(argc, argv, scenes);
}
