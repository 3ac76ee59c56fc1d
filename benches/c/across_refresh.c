/* Calls at an even pace for longer than a token lives: `across_refresh SECONDS CALLS_A_SECOND BLOCKED_MS`.
 *
 * Tells the slowest of them, and how many took longer than BLOCKED_MS: those waited for the network. The first call
 * has no token and has to wait; it is not counted. */
#define _POSIX_C_SOURCE 200809L

#include "client.h"

static void sleep_until_ns(int64_t when_ns)
{
    struct timespec when;

    when.tv_sec = when_ns / INT64_C(1000000000);
    when.tv_nsec = when_ns % INT64_C(1000000000);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

int main(int argc, char **argv)
{
    int64_t lasts_ns = count_of(argc, argv, 1) * INT64_C(1000000000);
    int64_t pause_ns = INT64_C(1000000000) / count_of(argc, argv, 2);
    int64_t blocked_ns = count_of(argc, argv, 3) * INT64_C(1000000);
    int64_t start_ns, began_ns, took_ns, slowest_ns = 0;
    sm_client *client = new_client();
    long calls = 0, blocked = 0;

    authorize(client);
    start_ns = now_ns();
    for (began_ns = start_ns; began_ns - start_ns < lasts_ns; began_ns = now_ns()) {
        authorize(client);
        took_ns = now_ns() - began_ns;
        calls++;
        blocked += took_ns > blocked_ns;
        if (took_ns > slowest_ns)
            slowest_ns = took_ns;
        sleep_until_ns(began_ns + pause_ns);
    }
    sm_client_free(client);
    printf("{\"calls\": %ld, \"blocked\": %ld, \"slowest_ms\": %.3f}\n", calls, blocked, (double)slowest_ns / 1e6);
    return EXIT_SUCCESS;
}
