/* Fetches a token as its arguments say, and prints everything that came of it as one line of JSON.
 *
 * The credentials come from PROBE_CLIENT_ID and PROBE_CLIENT_SECRET; one that is not set is passed as NULL.
 * PROBE_BASE_URL and PROBE_PROXY stand for --base-url and --proxy, which would show a proxy's password in a list
 * of processes. It exits with 0 whenever it could print, whatever the status. SIGPIPE stays at its default. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "sm_token.h"

struct line {
    int32_t level;
    char *text;
};

struct record {
    struct line *lines;
    size_t count;
};

static void note(void *user_data, int32_t level, const char *message)
{
    struct record *record = user_data;
    struct line *lines = realloc(record->lines, (record->count + 1) * sizeof *lines);
    size_t size = strlen(message) + 1;

    if (lines == NULL)
        abort();
    record->lines = lines;
    lines[record->count].level = level;
    lines[record->count].text = malloc(size);
    if (lines[record->count].text == NULL)
        abort();
    memcpy(lines[record->count].text, message, size);
    record->count++;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How often to fetch, with the same options. */
static long repeat = 1;

static sm_status set_option(sm_options *options, const char *name, const char *value, struct record *record)
{
    uint32_t number = (uint32_t)strtoul(value, NULL, 10);

    if (strcmp(name, "--base-url") == 0)
        return sm_options_set_base_url(options, value);
    if (strcmp(name, "--scope") == 0)
        return sm_options_set_scope(options, value);
    if (strcmp(name, "--user-agent") == 0)
        return sm_options_set_user_agent(options, value);
    if (strcmp(name, "--proxy") == 0)
        return sm_options_set_proxy(options, value);
    if (strcmp(name, "--ca-file") == 0)
        return sm_options_set_ca_file(options, value);
    if (strcmp(name, "--trust") == 0)
        return sm_options_set_trust(options, (int32_t)number);
    if (strcmp(name, "--timeout-ms") == 0)
        return sm_options_set_timeout_ms(options, number);
    if (strcmp(name, "--connect-timeout-ms") == 0)
        return sm_options_set_connect_timeout_ms(options, number);
    if (strcmp(name, "--max-retries") == 0)
        return sm_options_set_max_retries(options, number);
    if (strcmp(name, "--log-level") == 0)
        return sm_options_set_log(options, note, record, (int32_t)number);
    if (strcmp(name, "--repeat") == 0) {
        repeat = (long)number;
        return SM_OK;
    }
    fprintf(stderr, "probe: no such option: %s\n", name);
    exit(2);
}

/* Sets what the environment and the arguments ask for; gives the name of an option that was refused, or NULL. */
static const char *set_options(sm_options *options, char **arguments, struct record *record, sm_status *status)
{
    static const char *const from_environment[][2] = {
        {"PROBE_BASE_URL", "--base-url"},
        {"PROBE_PROXY", "--proxy"},
    };
    size_t i;

    for (i = 0; i < sizeof from_environment / sizeof from_environment[0]; i++) {
        const char *value = getenv(from_environment[i][0]);

        if (value != NULL) {
            *status = set_option(options, from_environment[i][1], value, record);
            if (*status != SM_OK)
                return from_environment[i][1];
        }
    }
    for (; arguments[0] != NULL && arguments[1] != NULL; arguments += 2) {
        *status = set_option(options, arguments[0], arguments[1], record);
        if (*status != SM_OK)
            return arguments[0];
    }
    return NULL;
}

static void print_log(const struct record *record)
{
    size_t i;

    fputs(", \"log\": [", stdout);
    for (i = 0; i < record->count; i++) {
        printf("%s[%" PRId32 ", ", i == 0 ? "" : ", ", record->lines[i].level);
        json_text(record->lines[i].text);
        putchar(']');
    }
    putchar(']');
}

int main(int argc, char **argv)
{
    struct record record = {NULL, 0};
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status = SM_OK;
    int64_t started = now_ms();
    const char *refused = set_options(options, argv + (argc > 0), &record, &status);
    long fetched;
    size_t i;

    for (fetched = 0; refused == NULL && fetched < repeat; fetched++) {
        sm_token_free(token);
        sm_error_free(error);
        started = now_ms();
        status = sm_token_fetch(getenv("PROBE_CLIENT_ID"), getenv("PROBE_CLIENT_SECRET"), options, &token, &error);
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
    print_log(&record);
    fputs("}\n", stdout);

    sm_token_free(token);
    sm_error_free(error);
    sm_options_free(options);
    for (i = 0; i < record.count; i++)
        free(record.lines[i].text);
    free(record.lines);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
