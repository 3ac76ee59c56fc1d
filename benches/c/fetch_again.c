/* What a token costs a process that runs already: `fetch_again client|once TOKENS`.
 *
 * By a client, or by calls for one token, which know nothing of each other. The first
 * token, with whatever is made on first use, is not counted. */
#define _DEFAULT_SOURCE

#include "client.h"

#include <string.h>
#include <sys/resource.h>

static int64_t cpu_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec
           + used.ru_stime.tv_usec;
}

static void fetch_once(const sm_options *options)
{
    sm_token *token = NULL;
    sm_error *error = NULL;

    must(sm_token_fetch(NULL, NULL, options, &token, &error), error);
    sm_token_free(token);
}

static void fetch_by_client(sm_client *client)
{
    sm_client_invalidate(client, NULL);
    authorize(client);
}

int main(int argc, char **argv)
{
    int by_client = argc > 1 && strcmp(argv[1], "client") == 0;
    long tokens = count_of(argc, argv, 2);
    sm_options *options = options_of_environment();
    sm_client *client = new_client();
    int64_t start_us = 0, start_ns = 0;

    for (long i = 0; i <= tokens; i++) {
        if (i == 1) {
            start_us = cpu_us();
            start_ns = now_ns();
        }
        if (by_client)
            fetch_by_client(client);
        else
            fetch_once(options);
    }
    printf("{\"cpu_us\": %.1f, \"wall_us\": %.1f}\n", (double)(cpu_us() - start_us) / (double)tokens,
           (double)(now_ns() - start_ns) / 1e3 / (double)tokens);
    sm_client_free(client);
    sm_options_free(options);
    return EXIT_SUCCESS;
}
