/* Eight workers share one client: the first call fetches the token, every other takes it from memory.
 *
 *     cc worker_pool.c -o worker_pool $(pkg-config --cflags --libs sm_token) -lpthread
 *
 * Credentials and service come from the environment, as in example.c. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sm_token.h>

enum { WORKERS = 8, REQUESTS = 1000, LONGEST_HEADER = 16 * 1024 + 8 };

struct worker {
    sm_client *client;
    int served;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    char authorization[LONGEST_HEADER];
    sm_error *error = NULL;
    int i;

    for (i = 0; i < REQUESTS; i++) {
        if (sm_client_authorization(worker->client, authorization, sizeof authorization, NULL,
                                    &error) != SM_OK) {
            fprintf(stderr, "no token: %s\n", sm_error_message(error));
            sm_error_free(error);
            break;
        }
        /* Here a request would be sent, with "Authorization: " and this text as its header. */
        worker->served++;
    }
    memset(authorization, 0, sizeof authorization);
    return NULL;
}

int main(void)
{
    struct worker workers[WORKERS];
    pthread_t threads[WORKERS];
    sm_options *options = sm_options_new();
    sm_client *client = NULL;
    sm_error *error = NULL;
    int i, served = 0;

    if (sm_options_set_ca_file(options, getenv("SM_TOKEN_CA_FILE")) != SM_OK ||
        sm_client_new(NULL, NULL, options, &client, &error) != SM_OK) {
        fprintf(stderr, "no client: %s\n", error ? sm_error_message(error) : "SM_TOKEN_CA_FILE");
        sm_error_free(error);
        sm_options_free(options);
        return EXIT_FAILURE;
    }
    sm_options_free(options);

    for (i = 0; i < WORKERS; i++) {
        workers[i].client = client;
        workers[i].served = 0;
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            abort();
    }
    for (i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], NULL);
        served += workers[i].served;
    }
    sm_client_free(client);

    printf("%d workers made %d requests with one client\n", WORKERS, served);
    return served == WORKERS * REQUESTS ? EXIT_SUCCESS : EXIT_FAILURE;
}
