/* Threads that are canceled (POSIX pthread_cancel) while they call the library. Run with the environment that leads to
 * a server which has a token for everyone. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

enum { THREADS = 2, LATEST_US = 4000 };

static sm_client *shared;
static int calls, failures;

/* A cancellation point, as most of what a handler does is. */
static void SM_CALL hear(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    (void)message;
    pthread_testcancel();
}

static sm_options *options_that_log(void)
{
    sm_options *options = scene_options();

    must(sm_options_set_log(options, hear, NULL, SM_LOG_DEBUG) == SM_OK, "sm_options_set_log");
    return options;
}

static void count(sm_status status)
{
    __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
    if (status != SM_OK)
        __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
}

/* Each call alone reads the certificates, makes a request and frees all. */
static void *fetches(void *unused)
{
    for (;;) {
        sm_options *options = options_that_log();
        sm_token *token = NULL;

        count(sm_token_fetch(NULL, NULL, options, &token, NULL));
        sm_token_free(token);
        sm_options_free(options);
        pthread_testcancel();
    }
    return unused;
}

static void *makes_clients(void *unused)
{
    for (;;) {
        sm_client *client = client_with(options_that_log());
        char authorization[AUTHORIZATION_SIZE];

        count(sm_client_authorization(client, authorization, sizeof authorization, NULL, NULL));
        sm_client_free(client);
        pthread_testcancel();
    }
    return unused;
}

/* From memory, and now and then by a request that was caused by an invalidation; handler and all. */
static void *reads(void *unused)
{
    for (int i = 0;; i++) {
        char authorization[AUTHORIZATION_SIZE];

        if (i % 100 == 0)
            sm_client_invalidate(shared, NULL);
        count(sm_client_authorization(shared, authorization, sizeof authorization, NULL, NULL));
        pthread_testcancel();
    }
    return unused;
}

static void cancel_all(void *(*body)(void *), const char *act)
{
    const uint32_t tries = setting("SCENE_TRIES", 50);
    const long own_threads = threads(), own_descriptors = descriptors();
    int canceled = 0;

    shared = client_with(options_that_log());
    for (uint32_t i = 0; i < tries; i++) {
        pthread_t callers[THREADS];
        void *outcome;

        for (int j = 0; j < THREADS; j++)
            must(pthread_create(&callers[j], NULL, body, NULL) == 0, "pthread_create");
        sleep_until_us(now_us() + LATEST_US * (int64_t)i / tries);
        for (int j = 0; j < THREADS; j++)
            must(pthread_cancel(callers[j]) == 0, "pthread_cancel");
        for (int j = 0; j < THREADS; j++) {
            must(pthread_join(callers[j], &outcome) == 0, "pthread_join");
            canceled += outcome == PTHREAD_CANCELED;
        }
    }
    sm_client_free(shared);
    act_begin(act);
    json_number("threads", (int64_t)tries * THREADS);
    json_number("canceled", canceled);
    json_number("calls", calls);
    json_number("failures", failures);
    json_number("threads_left", threads_settled(own_threads, 2000000) - own_threads);
    json_number("descriptors_left", descriptors() - own_descriptors);
    act_end();
}

static void in_fetches(void)
{
    cancel_all(fetches, "canceled");
}

static void in_clients(void)
{
    cancel_all(makes_clients, "canceled");
}

static void in_reads(void)
{
    cancel_all(reads, "canceled");
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "in-fetches", in_fetches },
        { "in-clients", in_clients },
        { "in-reads", in_reads },
    };

    return PLAY(argc, argv, scenes);
}
