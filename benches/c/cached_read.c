/* How long it takes to copy the cached authorization out of a client: `cached_read THREADS CLIENTS CALLS`.
 *
 * All threads on one client, or each on its own; tells the mean of a call in nanoseconds, over all of them. */
#define _POSIX_C_SOURCE 200809L

#include "client.h"

#include <pthread.h>

enum { MOST_THREADS = 16 };

typedef struct {
    sm_client *client;
    long calls;
    pthread_barrier_t *start;
    pthread_t thread;
    int64_t took_ns;
} reader;

static void read_cached(sm_client *client, long calls)
{
    char authorization[AUTHORIZATION_SIZE];
    sm_error *error = NULL;

    for (long i = 0; i < calls; i++)
        must(sm_client_authorization(client, authorization, sizeof authorization, NULL, &error), error);
}

static void *run(void *argument)
{
    reader *self = argument;
    int64_t start_ns;

    read_cached(self->client, self->calls / 10 + 1); /* warm */
    pthread_barrier_wait(self->start);
    start_ns = now_ns();
    read_cached(self->client, self->calls);
    self->took_ns = now_ns() - start_ns;
    return NULL;
}

int main(int argc, char **argv)
{
    long threads = count_of(argc, argv, 1), clients = count_of(argc, argv, 2), calls = count_of(argc, argv, 3);
    static reader readers[MOST_THREADS];
    sm_client *own[MOST_THREADS];
    pthread_barrier_t start;
    double total_ns = 0;

    if (threads > MOST_THREADS || clients > threads)
        return 2;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (long i = 0; i < clients; i++) {
        own[i] = new_client();
        authorize(own[i]);
    }
    for (long i = 0; i < threads; i++) {
        readers[i].client = own[i % clients];
        readers[i].calls = calls;
        readers[i].start = &start;
        if (pthread_create(&readers[i].thread, NULL, run, &readers[i]) != 0)
            return EXIT_FAILURE;
    }
    for (long i = 0; i < threads; i++) {
        pthread_join(readers[i].thread, NULL);
        total_ns += (double)readers[i].took_ns;
    }
    pthread_barrier_destroy(&start);
    for (long i = 0; i < clients; i++)
        sm_client_free(own[i]);
    printf("{\"ns\": %.3f}\n", total_ns / (double)(threads * calls));
    return EXIT_SUCCESS;
}
