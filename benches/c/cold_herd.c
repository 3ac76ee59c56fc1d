/* Many threads that all need a token from a client that has none yet: `cold_herd THREADS`. */
#define _POSIX_C_SOURCE 200809L

#include "client.h"

#include <pthread.h>

typedef struct {
    sm_client *client;
    pthread_barrier_t *start;
    pthread_t thread;
    int64_t took_ns;
} caller;

static void *call(void *argument)
{
    caller *self = argument;
    int64_t start_ns;

    pthread_barrier_wait(self->start);
    start_ns = now_ns();
    authorize(self->client);
    self->took_ns = now_ns() - start_ns;
    return NULL;
}

int main(int argc, char **argv)
{
    long threads = count_of(argc, argv, 1);
    caller *callers = calloc((size_t)threads, sizeof *callers);
    sm_client *client = new_client();
    pthread_barrier_t start;
    int64_t slowest_ns = 0;

    if (callers == NULL)
        return EXIT_FAILURE;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (long i = 0; i < threads; i++) {
        callers[i].client = client;
        callers[i].start = &start;
        if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0)
            return EXIT_FAILURE;
    }
    for (long i = 0; i < threads; i++) {
        pthread_join(callers[i].thread, NULL);
        if (callers[i].took_ns > slowest_ns)
            slowest_ns = callers[i].took_ns;
    }
    pthread_barrier_destroy(&start);
    sm_client_free(client);
    free(callers);
    printf("{\"slowest_ms\": %.3f}\n", (double)slowest_ns / 1e6);
    return EXIT_SUCCESS;
}
