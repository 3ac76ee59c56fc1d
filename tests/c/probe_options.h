/* What the probes are told by their arguments and environment, and what the library logs meanwhile.
 *
 * Each argument is `--name value`. PROBE_BASE_URL and PROBE_PROXY stand for --base-url and --proxy: a proxy's
 * password would show in a list of processes. Needs _POSIX_C_SOURCE for now_ms. */
#ifndef PROBE_OPTIONS_H
#define PROBE_OPTIONS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "portable.h"
#include "sm_token.h"

struct logged {
    int32_t level;
    char *text;
};

struct record {
    struct logged *lines;
    size_t count;
};

/* Of type sm_log_fn; `user_data` is a record. */
static inline void SM_CALL record_line(void *user_data, int32_t level, const char *message)
{
    struct record *record = user_data;
    struct logged *lines = realloc(record->lines, (record->count + 1) * sizeof *lines);
    size_t size = strlen(message) + 1;
    char *text = malloc(size);

    if (lines == NULL || text == NULL)
        abort();
    record->lines = lines;
    lines[record->count].level = level;
    lines[record->count].text = memcpy(text, message, size);
    record->count++;
}

static inline void record_print(const struct record *record)
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

static inline void record_free(struct record *record)
{
    size_t i;

    for (i = 0; i < record->count; i++)
        free(record->lines[i].text);
    free(record->lines);
}

/* Sets one option; exits with 2 if there is none of that name. */
static inline sm_status set_option(sm_options *options, const char *name, const char *value, struct record *record)
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
    if (strcmp(name, "--credential-files") == 0) {
        char *files = strdup(value), *comma = strchr(files, ',');
        sm_status status;

        *comma = '\0';
        status = sm_options_set_credential_files(options, files, comma + 1);
        free(files);
        return status;
    }
    if (strcmp(name, "--trust") == 0)
        return sm_options_set_trust(options, (int32_t)number);
    if (strcmp(name, "--timeout-ms") == 0)
        return sm_options_set_timeout_ms(options, number);
    if (strcmp(name, "--connect-timeout-ms") == 0)
        return sm_options_set_connect_timeout_ms(options, number);
    if (strcmp(name, "--max-retries") == 0)
        return sm_options_set_max_retries(options, number);
    if (strcmp(name, "--log-level") == 0)
        return sm_options_set_log(options, record_line, record, (int32_t)number);
    fprintf(stderr, "no such option: %s\n", name);
    exit(2);
}

/* Sets what the environment asks for; gives the name of an option that was refused, or NULL. */
static inline const char *set_options_from_environment(sm_options *options, struct record *record, sm_status *status)
{
    static const char *const variables[][2] = {
        {"PROBE_BASE_URL", "--base-url"},
        {"PROBE_PROXY", "--proxy"},
        {"PROBE_CA_FILE", "--ca-file"},
    };
    size_t i;

    for (i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = environment_text(variables[i][0]);

        if (value != NULL) {
            *status = set_option(options, variables[i][1], value, record);
            if (*status != SM_OK)
                return variables[i][1];
        }
    }
    return NULL;
}

static inline int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
