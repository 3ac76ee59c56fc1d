/* What the C interface promises for one fetch, checked against the real server. Run with the environment that
 * `python -m servers run real` gives. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <time.h>

#include <sm_token.h>

#include "check.h"
#include "loopback.h"

static const char *base_url, *ca_file, *client_id, *client_secret;

/* ---- what the checks start from ---- */

static sm_options *trusting_options(void)
{
    sm_options *options = sm_options_new();

    /* Under memcheck, on a busy machine, a request can take longer than the default. */
    if (sm_options_set_base_url(options, base_url) != SM_OK || sm_options_set_ca_file(options, ca_file) != SM_OK
        || sm_options_set_timeout_ms(options, 120000) != SM_OK)
        abort();
    return options;
}

static sm_token *fetch_token(void)
{
    sm_options *options = trusting_options();
    sm_token *token = NULL;
    sm_error *error = NULL;

    if (sm_token_fetch(client_id, client_secret, options, &token, &error) != SM_OK)
        check_failed(__FILE__, __LINE__, "no token: %s", sm_error_message(error));
    sm_error_free(error);
    sm_options_free(options);
    return token;
}

/* Fetches where no token may come, and gives the error. */
static sm_error *fetch_error(const char *secret, const sm_options *options)
{
    sm_token *token = (sm_token *)&base_url;
    sm_error *error = NULL;
    sm_status status = sm_token_fetch(client_id, secret, options, &token, &error);

    if (status == SM_OK || token != NULL || error == NULL || sm_error_status(error) != status)
        check_failed(__FILE__, __LINE__, "status %" PRId32 ", token %p, error %p of status %" PRId32, status,
                     (void *)token, (void *)error, sm_error_status(error));
    return error;
}

static sm_options *options_for(const char *url)
{
    sm_options *options = sm_options_new();

    if (sm_options_set_base_url(options, url) != SM_OK || sm_options_set_max_retries(options, 0) != SM_OK
        || sm_options_set_timeout_ms(options, 60000) != SM_OK)
        abort();
    return options;
}

/* ---- versions and values ---- */

/* promise: two-versions */
CHECK(the_header_and_the_library_are_of_one_version)
{
    char version[64];

    snprintf(version, sizeof version, "%d.%d.%d", SM_TOKEN_VERSION_MAJOR, SM_TOKEN_VERSION_MINOR,
             SM_TOKEN_VERSION_PATCH);
    EXPECT_TEXT(sm_version(), version);
}

/* promise: two-versions */
CHECK(version_at_least_compares_major_then_minor_then_patch)
{
    const int a = SM_TOKEN_VERSION_MAJOR, b = SM_TOKEN_VERSION_MINOR, c = SM_TOKEN_VERSION_PATCH;

    EXPECT(SM_TOKEN_VERSION_AT_LEAST(a, b, c));
    EXPECT(SM_TOKEN_VERSION_AT_LEAST(a, b, c - 1));
    EXPECT(SM_TOKEN_VERSION_AT_LEAST(a, b - 1, c + 1));
    EXPECT(SM_TOKEN_VERSION_AT_LEAST(a - 1, b + 1, c + 1));
    EXPECT(!SM_TOKEN_VERSION_AT_LEAST(a, b, c + 1));
    EXPECT(!SM_TOKEN_VERSION_AT_LEAST(a, b + 1, c - 1));
    EXPECT(!SM_TOKEN_VERSION_AT_LEAST(a + 1, b - 1, c - 1));
}

static const struct {
    sm_status status;
    int value;
} statuses[] = {
    { SM_OK, 0 },
    { SM_ERROR_INVALID_ARGUMENT, 10 }, { SM_ERROR_NO_CREDENTIALS, 11 },
    { SM_ERROR_BUFFER_TOO_SMALL, 12 }, { SM_ERROR_INSECURE_URL, 13 },
    { SM_ERROR_DNS, 20 }, { SM_ERROR_CONNECT, 21 }, { SM_ERROR_TIMEOUT, 22 },
    { SM_ERROR_PROXY, 23 }, { SM_ERROR_IO, 24 }, { SM_ERROR_CANCELED, 25 },
    { SM_ERROR_RESOURCES, 26 },
    { SM_ERROR_TLS, 30 }, { SM_ERROR_CERTIFICATE, 31 }, { SM_ERROR_NO_TRUST_ROOTS, 32 },
    { SM_ERROR_INVALID_CLIENT, 40 }, { SM_ERROR_INVALID_SCOPE, 41 }, { SM_ERROR_OAUTH, 42 },
    { SM_ERROR_RATE_LIMITED, 43 }, { SM_ERROR_SERVER, 44 }, { SM_ERROR_HTTP, 45 },
    { SM_ERROR_INVALID_RESPONSE, 50 }, { SM_ERROR_RESPONSE_TOO_LARGE, 51 },
    { SM_ERROR_INTERNAL, 90 },
};
enum { STATUSES = sizeof statuses / sizeof statuses[0] };

/* promise: numbers-stay */
CHECK(every_status_has_the_value_that_it_will_keep)
{
    for (int i = 0; i < STATUSES; i++)
        EXPECT_INT(statuses[i].status, statuses[i].value);
}

/* promise: numbers-stay */
CHECK(every_other_constant_has_the_value_that_it_will_keep)
{
    EXPECT_INT(SM_FIELD_ACCESS_TOKEN, 0);
    EXPECT_INT(SM_FIELD_AUTHORIZATION, 1);
    EXPECT_INT(SM_FIELD_TYPE, 2);
    EXPECT_INT(SM_FIELD_SCOPE, 3);
    EXPECT_INT(SM_TRUST_SYSTEM, 0);
    EXPECT_INT(SM_TRUST_BUNDLED, 1);
    EXPECT_INT(SM_LOG_OFF, 0);
    EXPECT_INT(SM_LOG_ERROR, 1);
    EXPECT_INT(SM_LOG_WARN, 2);
    EXPECT_INT(SM_LOG_INFO, 3);
    EXPECT_INT(SM_LOG_DEBUG, 4);
    EXPECT_INT(SM_CHECK_OK, 0);
    EXPECT_INT(SM_CHECK_WRONG, 1);
    EXPECT_INT(SM_CHECK_UNKNOWN, 2);
}

CHECK(every_status_has_a_message_of_its_own)
{
    for (int i = 0; i < STATUSES; i++) {
        const char *message = sm_status_message(statuses[i].status);
        EXPECT(message != NULL && message[0] != '\0' && strchr(message, '\n') == NULL);
        for (int j = 0; j < i; j++)
            EXPECT(strcmp(message, sm_status_message(statuses[j].status)) != 0);
    }
}

/* promise: unknown-status */
CHECK(a_status_that_does_not_exist_has_a_message_too)
{
    const sm_status unknown[] = { -1, 1, 9, 19, 29, 39, 49, 59, 89, 91, INT32_MAX, INT32_MIN };
    const char *message = sm_status_message(1);

    EXPECT(message != NULL && message[0] != '\0');
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        EXPECT_TEXT(sm_status_message(unknown[i]), message);
    for (int i = 0; i < STATUSES; i++)
        EXPECT(strcmp(sm_status_message(statuses[i].status), message) != 0);
}

/* ---- a token ---- */

CHECK(a_token_has_the_fields_of_the_answer)
{
    sm_token *token = fetch_token();
    char authorization[256];

    EXPECT(token != NULL);
    EXPECT_TEXT(sm_token_type(token), "Bearer");
    EXPECT_TEXT(sm_token_scope(token), "all read write");
    EXPECT(strlen(sm_token_access_token(token)) >= 20);
    snprintf(authorization, sizeof authorization, "Bearer %s", sm_token_access_token(token));
    EXPECT_TEXT(sm_token_authorization(token), authorization);
    sm_token_free(token);
}

CHECK(expires_in_is_what_is_left_of_expires_at)
{
    sm_token *token = fetch_token();
    int64_t at_most, left, at_least;

    EXPECT(token != NULL);
    at_most = sm_token_expires_at(token) - time(NULL);
    left = sm_token_expires_in(token);
    at_least = sm_token_expires_at(token) - time(NULL) - 1;
    EXPECT(left <= at_most && left >= at_least);
    EXPECT(left <= 3600 && left > 3500);
    sm_token_free(token);
}

CHECK(a_token_outlives_everything_it_was_made_from)
{
    char *id = strdup(client_id), *secret = strdup(client_secret);
    sm_options *options = trusting_options();
    sm_token *token = NULL;
    char before[256];

    EXPECT_INT(sm_token_fetch(id, secret, options, &token, NULL), SM_OK);
    snprintf(before, sizeof before, "%s", sm_token_access_token(token));
    memset(id, 'x', strlen(id));
    memset(secret, 'x', strlen(secret));
    free(id);
    free(secret);
    sm_options_free(options);
    EXPECT_TEXT(sm_token_access_token(token), before);
    sm_token_free(token);
}

/* ---- copying ---- */

static const int32_t fields[] = { SM_FIELD_ACCESS_TOKEN, SM_FIELD_AUTHORIZATION, SM_FIELD_TYPE, SM_FIELD_SCOPE };
enum { FIELDS = sizeof fields / sizeof fields[0], UNTOUCHED = 0x5a };

static const char *field_text(const sm_token *token, int32_t field)
{
    switch (field) {
    case SM_FIELD_ACCESS_TOKEN: return sm_token_access_token(token);
    case SM_FIELD_AUTHORIZATION: return sm_token_authorization(token);
    case SM_FIELD_TYPE: return sm_token_type(token);
    default: return sm_token_scope(token);
    }
}

CHECK(no_buffer_asks_for_the_length)
{
    sm_token *token = fetch_token();

    for (int i = 0; i < FIELDS; i++) {
        size_t length = 9999;
        EXPECT_INT(sm_token_copy(token, fields[i], NULL, 0, &length), SM_OK);
        EXPECT_INT(length, strlen(field_text(token, fields[i])));
    }
    sm_token_free(token);
}

CHECK(the_length_may_be_left_out)
{
    sm_token *token = fetch_token();
    char buffer[64];

    EXPECT_INT(sm_token_copy(token, SM_FIELD_TYPE, buffer, sizeof buffer, NULL), SM_OK);
    EXPECT_TEXT(buffer, "Bearer");
    EXPECT_INT(sm_token_copy(token, SM_FIELD_TYPE, buffer, 1, NULL), SM_ERROR_BUFFER_TOO_SMALL);
    sm_token_free(token);
}

CHECK(a_buffer_that_just_fits_is_filled_with_its_nul)
{
    sm_token *token = fetch_token();

    for (int i = 0; i < FIELDS; i++) {
        const char *text = field_text(token, fields[i]);
        const size_t capacity = strlen(text) + 1;
        char buffer[256];
        size_t length = 9999;

        memset(buffer, UNTOUCHED, sizeof buffer);
        EXPECT_INT(sm_token_copy(token, fields[i], buffer, capacity, &length), SM_OK);
        EXPECT_TEXT(buffer, text);
        EXPECT_INT(length, capacity - 1);
        EXPECT_INT(buffer[capacity], UNTOUCHED);
    }
    sm_token_free(token);
}

/* promise: bad-arguments */
CHECK(a_buffer_one_short_is_left_alone_and_the_length_told)
{
    sm_token *token = fetch_token();

    for (int i = 0; i < FIELDS; i++) {
        const size_t needed = strlen(field_text(token, fields[i]));
        char buffer[256], untouched[256];
        size_t length = 9999;

        memset(buffer, UNTOUCHED, sizeof buffer);
        memset(untouched, UNTOUCHED, sizeof untouched);
        EXPECT_INT(sm_token_copy(token, fields[i], buffer, needed, &length), SM_ERROR_BUFFER_TOO_SMALL);
        EXPECT(memcmp(buffer, untouched, sizeof buffer) == 0);
        EXPECT_INT(length, needed);
    }
    sm_token_free(token);
}

CHECK(a_buffer_without_room_is_too_small)
{
    sm_token *token = fetch_token();
    char buffer[1] = { UNTOUCHED };
    size_t length = 9999;

    EXPECT_INT(sm_token_copy(token, SM_FIELD_TYPE, buffer, 0, &length), SM_ERROR_BUFFER_TOO_SMALL);
    EXPECT_INT(length, strlen("Bearer"));
    EXPECT_INT(buffer[0], UNTOUCHED);
    sm_token_free(token);
}

/* ---- credentials and options ---- */

CHECK(credentials_come_from_the_environment_where_none_are_given)
{
    sm_options *options = trusting_options();
    sm_token *token = NULL;

    EXPECT_INT(sm_token_fetch(NULL, NULL, options, &token, NULL), SM_OK);
    EXPECT_TEXT(sm_token_type(token), "Bearer");
    sm_token_free(token);
    sm_options_free(options);
}

CHECK(no_options_are_the_defaults)
{
    /* SMX_BASE_URL leads to the real server, whose certificate the system has no reason to trust. */
    sm_error *error = fetch_error(client_secret, NULL);

    EXPECT(sm_error_status(error) == SM_ERROR_CERTIFICATE || sm_error_status(error) == SM_ERROR_NO_TRUST_ROOTS);
    sm_error_free(error);
}

CHECK(null_sets_a_text_option_back_to_its_default)
{
    sm_options *options = trusting_options();
    sm_token *token = NULL;

    EXPECT_INT(sm_options_set_scope(options, "read"), SM_OK);
    EXPECT_INT(sm_options_set_scope(options, NULL), SM_OK);
    EXPECT_INT(sm_options_set_user_agent(options, NULL), SM_OK);
    EXPECT_INT(sm_options_set_proxy(options, NULL), SM_OK);
    EXPECT_INT(sm_options_set_base_url(options, "https://localhost:1"), SM_OK);
    EXPECT_INT(sm_options_set_base_url(options, NULL), SM_OK);
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_OK);
    EXPECT_TEXT(sm_token_scope(token), "all read write");
    sm_token_free(token);
    EXPECT_INT(sm_options_set_ca_file(options, NULL), SM_OK);
    EXPECT(sm_token_fetch(client_id, client_secret, options, &token, NULL) != SM_OK);
    sm_options_free(options);
}

/* promise: copied */
CHECK(texts_given_to_options_may_be_freed_at_once)
{
    sm_options *options = sm_options_new();
    char *texts[] = { strdup(base_url), strdup(ca_file), strdup("read"), strdup("contract"), strdup("") };
    sm_token *token = NULL;

    EXPECT_INT(sm_options_set_base_url(options, texts[0]), SM_OK);
    EXPECT_INT(sm_options_set_ca_file(options, texts[1]), SM_OK);
    EXPECT_INT(sm_options_set_scope(options, texts[2]), SM_OK);
    EXPECT_INT(sm_options_set_user_agent(options, texts[3]), SM_OK);
    EXPECT_INT(sm_options_set_proxy(options, texts[4]), SM_OK);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        memset(texts[i], 'x', strlen(texts[i]));
        free(texts[i]);
    }
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_OK);
    EXPECT_TEXT(sm_token_scope(token), "read");
    sm_token_free(token);
    sm_options_free(options);
}

CHECK(a_missing_scope_is_the_empty_text)
{
    loopback server;
    sm_options *options;
    sm_token *token = NULL;

    loopback_listen(&server);
    options = options_for(server.base_url);
    loopback_start(&server, LOOPBACK_TOKEN);
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_OK);
    loopback_finish(&server);
    EXPECT_TEXT(sm_token_scope(token), "");
    sm_token_free(token);
    sm_options_free(options);
}

/* ---- errors ---- */

CHECK(a_wrong_secret_is_told_with_all_its_details)
{
    sm_options *options = trusting_options();
    sm_error *error = fetch_error("a wrong secret", options);

    EXPECT_INT(sm_error_status(error), SM_ERROR_INVALID_CLIENT);
    EXPECT_INT(sm_error_http_status(error), 401);
    EXPECT_TEXT(sm_error_oauth_code(error), "invalid_client");
    EXPECT_TEXT(sm_error_oauth_description(error), "");
    EXPECT_INT(sm_error_is_retryable(error), 0);
    EXPECT_INT(sm_error_retry_after_ms(error), -1);
    EXPECT(strlen(sm_error_message(error)) > 10);
    EXPECT_NO_MENTION(sm_error_message(error), "a wrong secret");
    sm_error_free(error);
    sm_options_free(options);
}

CHECK(the_description_of_a_refusal_is_passed_on)
{
    loopback server;
    sm_options *options;
    sm_error *error;

    loopback_listen(&server);
    options = options_for(server.base_url);
    loopback_start(&server, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
                            "{\"error\": \"unauthorized_client\", \"error_description\": \"not this grant\"}");
    error = fetch_error(client_secret, options);
    loopback_finish(&server);
    EXPECT_INT(sm_error_status(error), SM_ERROR_OAUTH);
    EXPECT_TEXT(sm_error_oauth_code(error), "unauthorized_client");
    EXPECT_TEXT(sm_error_oauth_description(error), "not this grant");
    sm_error_free(error);
    sm_options_free(options);
}

CHECK(the_wait_that_a_server_asks_for_is_passed_on)
{
    loopback server;
    sm_options *options;
    sm_error *error;

    loopback_listen(&server);
    options = options_for(server.base_url);
    loopback_start(&server, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nConnection: close\r\n\r\n");
    error = fetch_error(client_secret, options);
    loopback_finish(&server);
    EXPECT_INT(sm_error_status(error), SM_ERROR_RATE_LIMITED);
    EXPECT_INT(sm_error_http_status(error), 429);
    EXPECT_INT(sm_error_is_retryable(error), 1);
    EXPECT_INT(sm_error_retry_after_ms(error), 7000);
    sm_error_free(error);
    sm_options_free(options);
}

CHECK(a_server_that_is_not_there_has_no_http_status)
{
    loopback server;
    sm_options *options;
    sm_error *error;

    loopback_listen(&server);
    loopback_close(&server);
    options = options_for(server.base_url);
    error = fetch_error(client_secret, options);
    EXPECT_INT(sm_error_status(error), SM_ERROR_CONNECT);
    EXPECT_INT(sm_error_http_status(error), 0);
    EXPECT_TEXT(sm_error_oauth_code(error), "");
    EXPECT_TEXT(sm_error_oauth_description(error), "");
    EXPECT_INT(sm_error_is_retryable(error), 1);
    EXPECT_INT(sm_error_retry_after_ms(error), -1);
    sm_error_free(error);
    sm_options_free(options);
}

CHECK(an_error_may_be_left_out)
{
    sm_options *options = trusting_options();
    sm_token *token = (sm_token *)&base_url;

    EXPECT_INT(sm_token_fetch(client_id, "a wrong secret", options, &token, NULL), SM_ERROR_INVALID_CLIENT);
    EXPECT(token == NULL);
    sm_options_free(options);
}

CHECK(an_error_from_before_is_cleared_by_success)
{
    sm_options *options = trusting_options();
    sm_token *token = NULL;
    sm_error *error = (sm_error *)&base_url;

    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, &error), SM_OK);
    EXPECT(error == NULL);
    sm_token_free(token);
    sm_options_free(options);
}

/* ---- nothing where a handle should be ---- */

/* promise: null-taken */
CHECK(every_free_takes_null)
{
    sm_token_free(NULL);
    sm_options_free(NULL);
    sm_error_free(NULL);
}

/* promise: null-taken */
CHECK(every_accessor_of_a_token_takes_null)
{
    EXPECT_TEXT(sm_token_access_token(NULL), "");
    EXPECT_TEXT(sm_token_authorization(NULL), "");
    EXPECT_TEXT(sm_token_type(NULL), "");
    EXPECT_TEXT(sm_token_scope(NULL), "");
    EXPECT_INT(sm_token_expires_at(NULL), 0);
    EXPECT_INT(sm_token_expires_in(NULL), 0);
}

/* promise: null-taken */
CHECK(every_accessor_of_an_error_takes_null)
{
    EXPECT_INT(sm_error_status(NULL), SM_OK);
    EXPECT_TEXT(sm_error_message(NULL), "");
    EXPECT_INT(sm_error_http_status(NULL), 0);
    EXPECT_TEXT(sm_error_oauth_code(NULL), "");
    EXPECT_TEXT(sm_error_oauth_description(NULL), "");
    EXPECT_INT(sm_error_is_retryable(NULL), 0);
    EXPECT_INT(sm_error_retry_after_ms(NULL), -1);
}

/* ---- the log ---- */

typedef struct {
    pthread_t caller;
    int inside;
    int messages, errors, warnings;
    int out_of_call, other_thread, bad_level, leaks;
} log_record;

static void SM_CALL record_log(void *user_data, int32_t level, const char *message)
{
    log_record *record = user_data;

    record->messages++;
    record->errors += level == SM_LOG_ERROR;
    record->warnings += level == SM_LOG_WARN;
    record->out_of_call += !record->inside;
    record->other_thread += !pthread_equal(record->caller, pthread_self());
    record->bad_level += level < SM_LOG_ERROR || level > SM_LOG_DEBUG;
    record->leaks += message == NULL || strstr(message, client_secret) != NULL || strstr(message, "t0ken") != NULL;
}

/* One fetch from a server that first fails, then gives a token, so that there is something to say. */
static void fetch_with_log(log_record *record, int32_t level)
{
    loopback server;
    sm_options *options;
    sm_token *token = NULL;

    memset(record, 0, sizeof *record);
    record->caller = pthread_self();
    loopback_listen(&server);
    options = options_for(server.base_url);
    EXPECT_INT(sm_options_set_log(options, record_log, record, level), SM_OK);

    loopback_start(&server, "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    record->inside = 1;
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_ERROR_SERVER);
    record->inside = 0;
    loopback_must(pthread_join(server.thread, NULL) == 0, "pthread_join");

    loopback_start(&server, LOOPBACK_TOKEN);
    record->inside = 1;
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_OK);
    record->inside = 0;
    loopback_finish(&server);
    sm_token_free(token);
    sm_options_free(options);
}

/* promise: log-thread */
CHECK(the_log_speaks_on_the_callers_thread_within_the_call)
{
    log_record record;

    fetch_with_log(&record, SM_LOG_DEBUG);
    EXPECT(record.messages > 0);
    EXPECT_INT(record.out_of_call, 0);
    EXPECT_INT(record.other_thread, 0);
    EXPECT_INT(record.bad_level, 0);
}

/* promise: no-secret */
CHECK(the_log_holds_neither_secret_nor_token)
{
    log_record record;

    fetch_with_log(&record, SM_LOG_DEBUG);
    EXPECT(record.messages > 0);
    EXPECT_INT(record.leaks, 0);
}

CHECK(the_log_keeps_to_its_level)
{
    log_record chatty, terse;

    fetch_with_log(&chatty, SM_LOG_DEBUG);
    fetch_with_log(&terse, SM_LOG_WARN);
    EXPECT(chatty.messages > chatty.errors + chatty.warnings);
    EXPECT_INT(terse.messages, terse.errors + terse.warnings);
    EXPECT_INT(terse.messages, chatty.errors + chatty.warnings);
}

CHECK(a_log_that_is_off_says_nothing)
{
    log_record record;

    fetch_with_log(&record, SM_LOG_OFF);
    EXPECT_INT(record.messages, 0);
}

CHECK(a_null_callback_switches_the_log_off)
{
    sm_options *options = trusting_options();
    log_record record;
    sm_token *token = NULL;

    memset(&record, 0, sizeof record);
    EXPECT_INT(sm_options_set_log(options, record_log, &record, SM_LOG_DEBUG), SM_OK);
    EXPECT_INT(sm_options_set_log(options, NULL, NULL, SM_LOG_DEBUG), SM_OK);
    EXPECT_INT(sm_token_fetch(client_id, client_secret, options, &token, NULL), SM_OK);
    EXPECT_INT(record.messages, 0);
    sm_token_free(token);
    sm_options_free(options);
}

int main(void)
{
    base_url = getenv("SMX_BASE_URL");
    ca_file = getenv("SM_TOKEN_CA_FILE");
    client_id = getenv("SMX_CLIENT_ID");
    client_secret = getenv("SMX_CLIENT_SECRET");
    if (!base_url || !ca_file || !client_id || !client_secret) {
        fprintf(stderr, "run me with the environment of `python -m servers run real`\n");
        return 2;
    }

    RUN(the_header_and_the_library_are_of_one_version);
    RUN(version_at_least_compares_major_then_minor_then_patch);
    RUN(every_status_has_the_value_that_it_will_keep);
    RUN(every_other_constant_has_the_value_that_it_will_keep);
    RUN(every_status_has_a_message_of_its_own);
    RUN(a_status_that_does_not_exist_has_a_message_too);

    RUN(a_token_has_the_fields_of_the_answer);
    RUN(expires_in_is_what_is_left_of_expires_at);
    RUN(a_token_outlives_everything_it_was_made_from);

    RUN(no_buffer_asks_for_the_length);
    RUN(the_length_may_be_left_out);
    RUN(a_buffer_that_just_fits_is_filled_with_its_nul);
    RUN(a_buffer_one_short_is_left_alone_and_the_length_told);
    RUN(a_buffer_without_room_is_too_small);

    RUN(credentials_come_from_the_environment_where_none_are_given);
    RUN(no_options_are_the_defaults);
    RUN(null_sets_a_text_option_back_to_its_default);
    RUN(texts_given_to_options_may_be_freed_at_once);
    RUN(a_missing_scope_is_the_empty_text);

    RUN(a_wrong_secret_is_told_with_all_its_details);
    RUN(the_description_of_a_refusal_is_passed_on);
    RUN(the_wait_that_a_server_asks_for_is_passed_on);
    RUN(a_server_that_is_not_there_has_no_http_status);
    RUN(an_error_may_be_left_out);
    RUN(an_error_from_before_is_cleared_by_success);

    RUN(every_free_takes_null);
    RUN(every_accessor_of_a_token_takes_null);
    RUN(every_accessor_of_an_error_takes_null);

    RUN(the_log_speaks_on_the_callers_thread_within_the_call);
    RUN(the_log_holds_neither_secret_nor_token);
    RUN(the_log_keeps_to_its_level);
    RUN(a_log_that_is_off_says_nothing);
    RUN(a_null_callback_switches_the_log_off);
    return CHECKS_EXIT_CODE;
}
