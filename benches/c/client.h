/* What the programs share that measure a client: the clock, and a client of the server in the environment. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <sm_token.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AUTHORIZATION_SIZE = 16 * 1024 + 8 };

static inline int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A measurement of a call that failed would be one of something else. */
static inline void must(sm_status status, sm_error *error)
{
    if (status == SM_OK)
        return;
    fprintf(stderr, "%s: %s\n", sm_status_message(status), sm_error_message(error));
    exit(EXIT_FAILURE);
}

static inline sm_options *options_of_environment(void)
{
    sm_options *options = sm_options_new();

    must(sm_options_set_ca_file(options, getenv("SM_TOKEN_CA_FILE")), NULL);
    return options;
}

static inline sm_client *new_client(void)
{
    sm_options *options = options_of_environment();
    sm_client *client = NULL;
    sm_error *error = NULL;

    must(sm_client_new(NULL, NULL, options, &client, &error), error);
    sm_options_free(options);
    return client;
}

static inline void authorize(sm_client *client)
{
    char authorization[AUTHORIZATION_SIZE];
    sm_error *error = NULL;

    must(sm_client_authorization(client, authorization, sizeof authorization, NULL, &error), error);
}

/* Parses the next argument as a count, or ends the program. */
static inline long count_of(int argc, char **argv, int at)
{
    long count = argc > at ? strtol(argv[at], NULL, 10) : 0;

    if (count > 0)
        return count;
    fprintf(stderr, "argument %d must be a positive number\n", at);
    exit(2);
}

#endif
