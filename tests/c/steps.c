/* Goes the steps of sm_check with the options that it is told (probe_options.h), and prints them as one line of JSON.
 *
 * The credentials are in PROBE_CLIENT_ID and PROBE_CLIENT_SECRET; one that is not set is passed as NULL.
 * `--stop-after N` wants no step after the Nth. It exits with 0 whenever it could print, whatever the status. */
#define _POSIX_C_SOURCE 200809L

#include "probe_options.h"

struct steps {
    long taken;
    long stop_after;
};

static int32_t SM_CALL take(void *user_data, const char *name, int32_t verdict, const char *text, const char *advice)
{
    struct steps *steps = user_data;

    printf("%s{\"verdict\": %" PRId32, steps->taken == 0 ? "" : ", ", verdict);
    json_member("name", name);
    json_member("text", text);
    json_member("advice", advice);
    putchar('}');
    steps->taken++;
    return steps->taken != steps->stop_after;
}

int main(int argc, char **argv)
{
    struct record record = {NULL, 0};
    struct steps steps = {0, 0};
    sm_options *options = sm_options_new();
    sm_error *error = NULL;
    sm_status status = SM_OK;
    const char *refused = set_options_from_environment(options, &record, &status);
    int64_t started;
    int i;

    for (i = 1; refused == NULL && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--stop-after") == 0) {
            steps.stop_after = strtol(argv[i + 1], NULL, 10);
            continue;
        }
        status = set_option(options, argv[i], argv[i + 1], &record);
        if (status != SM_OK)
            refused = argv[i];
    }
    fputs("{\"steps\": [", stdout);
    started = now_ms();
    if (refused == NULL)
        status = sm_check(environment_text("PROBE_CLIENT_ID"), environment_text("PROBE_CLIENT_SECRET"), options, take, &steps, &error);
    printf("], \"status\": %" PRId32, status);
    json_number("elapsed_ms", now_ms() - started);
    json_number("error_status", sm_error_status(error));
    json_member("message", sm_error_message(error));
    record_print(&record);
    fputs("}\n", stdout);

    sm_error_free(error);
    sm_options_free(options);
    record_free(&record);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
