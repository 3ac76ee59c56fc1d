/* Fetches a token as it is told (probe_options.h), and prints all that came of it as one line of JSON.
 *
 * The credentials are in PROBE_CLIENT_ID and PROBE_CLIENT_SECRET; one that is not set is passed as NULL.
 * `--repeat N` fetches N times and tells of the last. It exits with 0 whenever it could print, whatever the
 * status. SIGPIPE stays at its default. */
#define _POSIX_C_SOURCE 200809L

#include "probe_options.h"

int main(int argc, char **argv)
{
    struct record record = {NULL, 0};
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status = SM_OK;
    const char *refused = set_options_from_environment(options, &record, &status);
    int64_t started = now_ms();
    long fetches = 1;
    int i;

    for (i = 1; refused == NULL && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--repeat") == 0) {
            fetches = strtol(argv[i + 1], NULL, 10);
            continue;
        }
        status = set_option(options, argv[i], argv[i + 1], &record);
        if (status != SM_OK)
            refused = argv[i];
    }
    for (; refused == NULL && fetches > 0; fetches--) {
        sm_token_free(token);
        sm_error_free(error);
        started = now_ms();
        status = sm_token_fetch(environment_text("PROBE_CLIENT_ID"), environment_text("PROBE_CLIENT_SECRET"), options,
                                &token, &error);
    }

    printf("{\"status\": %" PRId32, status);
    json_number("elapsed_ms", now_ms() - started);
    json_member("refused_option", refused == NULL ? "" : refused);
    json_member("message", sm_error_message(error));
    json_number("http_status", sm_error_http_status(error));
    json_member("oauth_code", sm_error_oauth_code(error));
    json_member("oauth_description", sm_error_oauth_description(error));
    json_number("retryable", sm_error_is_retryable(error));
    json_number("retry_after_ms", sm_error_retry_after_ms(error));
    json_member("access_token", sm_token_access_token(token));
    json_member("token_type", sm_token_type(token));
    json_member("scope", sm_token_scope(token));
    json_member("authorization", sm_token_authorization(token));
    json_number("expires_in", sm_token_expires_in(token));
    json_number("expires_at", sm_token_expires_at(token));
    record_print(&record);
    fputs("}\n", stdout);

    sm_token_free(token);
    sm_error_free(error);
    sm_options_free(options);
    record_free(&record);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
