/* What the C interface promises for a client, checked against the real server. Run with the environment that
 * `python -m servers run real` gives. */
#define _GNU_SOURCE

#include <pthread.h>
#include <time.h>

#include <sm_token.h>

#include "check.h"
#include "loopback.h"

static const char *base_url, *ca_file, *client_id, *client_secret;

/* ---- what the checks start from ---- */

static sm_options *options_for(const char *url)
{
    sm_options *options = sm_options_new();

    if (sm_options_set_base_url(options, url) != SM_OK || sm_options_set_ca_file(options, ca_file) != SM_OK
        || sm_options_set_max_retries(options, 0) != SM_OK || sm_options_set_timeout_ms(options, 120000) != SM_OK)
        abort();
    return options;
}

static sm_client *client_of(const char *url)
{
    sm_options *options = options_for(url);
    sm_client *client = NULL;
    sm_error *error = NULL;

    if (sm_client_new(client_id, client_secret, options, &client, &error) != SM_OK)
        check_failed(__FILE__, __LINE__, "no client: %s", sm_error_message(error));
    sm_error_free(error);
    sm_options_free(options);
    return client;
}

static sm_client *client_of_the_server(void)
{
    return client_of(base_url);
}

/* NULL, and a failure of the check, where none comes. */
static sm_token *token_of(sm_client *client)
{
    sm_token *token = NULL;
    sm_error *error = NULL;

    if (sm_client_token(client, &token, &error) != SM_OK)
        check_failed(__FILE__, __LINE__, "no token: %s", sm_error_message(error));
    sm_error_free(error);
    return token;
}

/* Makes a client where none may come, and gives the status if everything agrees with it, else -1. */
static sm_status refused(const char *id, const char *secret, const sm_options *options, const char *says)
{
    sm_client *client = (sm_client *)&base_url;
    sm_error *error = NULL;
    sm_status status = sm_client_new(id, secret, options, &client, &error);
    int agrees = status != SM_OK && client == NULL && sm_error_status(error) == status
        && strstr(sm_error_message(error), says) != NULL;

    if (!agrees)
        check_failed(__FILE__, __LINE__, "status %" PRId32 ", client %p, error of status %" PRId32 ": %s", status,
                     (void *)client, sm_error_status(error), sm_error_message(error));
    sm_error_free(error);
    return agrees ? status : -1;
}

static sm_status status_of_a_call(sm_client *client)
{
    sm_token *token = NULL;
    sm_status status = sm_client_token(client, &token, NULL);

    sm_token_free(token);
    return status;
}

/* ---- new ---- */

CHECK(new_without_a_place_for_the_client_is_an_invalid_argument)
{
    sm_error *error = NULL;

    EXPECT_INT(sm_client_new("id", "secret", NULL, NULL, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_error_message(error), "client");
    sm_error_free(error);
}

CHECK(new_takes_both_credentials_or_neither)
{
    EXPECT_INT(refused("id", NULL, NULL, "client_secret"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(refused(NULL, "secret", NULL, "client_id"), SM_ERROR_INVALID_ARGUMENT);
}

CHECK(new_takes_the_credentials_from_the_environment)
{
    sm_options *options = options_for(base_url);
    sm_client *client = NULL;

    EXPECT_INT(sm_client_new(NULL, NULL, options, &client, NULL), SM_OK);
    sm_options_free(options);
    EXPECT_INT(status_of_a_call(client), SM_OK);
    sm_client_free(client);
}

CHECK(new_without_any_credentials_says_so)
{
    sm_status status;

    unset_environment("SMX_CLIENT_ID");
    unset_environment("SMX_CLIENT_SECRET");
    status = refused(NULL, NULL, NULL, "SMX_CLIENT_ID");
    set_environment("SMX_CLIENT_ID", client_id);
    set_environment("SMX_CLIENT_SECRET", client_secret);
    EXPECT_INT(status, SM_ERROR_NO_CREDENTIALS);
}

CHECK(new_reads_the_ca_file_and_refuses_one_that_is_not_there)
{
    sm_options *options = options_for(base_url);

    EXPECT_INT(sm_options_set_ca_file(options, "/nowhere/at/all.pem"), SM_OK);
    EXPECT_INT(refused("id", "secret", options, "/nowhere/at/all.pem"), SM_ERROR_NO_TRUST_ROOTS);
    sm_options_free(options);
}

CHECK(what_new_was_given_may_be_freed_before_the_first_call)
{
    char *id = strdup(client_id), *secret = strdup(client_secret);
    char *url = strdup(base_url), *ca = strdup(ca_file), *scope = strdup("read");
    sm_options *options = sm_options_new();
    sm_client *client = NULL;
    sm_token *token;

    EXPECT_INT(sm_options_set_base_url(options, url), SM_OK);
    EXPECT_INT(sm_options_set_ca_file(options, ca), SM_OK);
    EXPECT_INT(sm_options_set_scope(options, scope), SM_OK);
    EXPECT_INT(sm_client_new(id, secret, options, &client, NULL), SM_OK);
    sm_options_free(options);
    memset(id, 'x', strlen(id));
    memset(secret, 'x', strlen(secret));
    free(id);
    free(secret);
    free(url);
    free(ca);
    free(scope);
    token = token_of(client);
    EXPECT_TEXT(sm_token_scope(token), "read");
    sm_token_free(token);
    sm_client_free(client);
}

/* ---- token ---- */

CHECK(a_client_hands_out_a_whole_token)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);
    char authorization[256];

    EXPECT(strlen(sm_token_access_token(token)) > 0);
    snprintf(authorization, sizeof authorization, "Bearer %s", sm_token_access_token(token));
    EXPECT_TEXT(sm_token_authorization(token), authorization);
    EXPECT_TEXT(sm_token_type(token), "Bearer");
    EXPECT_TEXT(sm_token_scope(token), "all read write");
    EXPECT(sm_token_expires_in(token) > 3500 && sm_token_expires_in(token) <= 3600);
    EXPECT(llabs((long long)(sm_token_expires_at(token) - time(NULL)) - 3600) < 100);
    sm_token_free(token);
    sm_client_free(client);
}

CHECK(a_token_outlives_its_client)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);
    char *copy = strdup(sm_token_authorization(token));

    sm_client_free(client);
    EXPECT_TEXT(sm_token_authorization(token), copy);
    EXPECT(sm_token_expires_in(token) > 3500);
    free(copy);
    sm_token_free(token);
}

CHECK(token_without_a_client_or_a_place_is_an_invalid_argument)
{
    sm_client *client = client_of_the_server();
    sm_token *token = (sm_token *)&base_url;
    sm_error *error = NULL;

    EXPECT_INT(sm_client_token(NULL, &token, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT(token == NULL);
    EXPECT_MENTION(sm_error_message(error), "client");
    sm_error_free(error);
    EXPECT_INT(sm_client_token(client, NULL, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_error_message(error), "token");
    sm_error_free(error);
    EXPECT_INT(sm_client_token(client, NULL, NULL), SM_ERROR_INVALID_ARGUMENT);
    sm_client_free(client);
}

CHECK(a_wait_of_zero_starts_the_request_that_a_longer_one_waits_for)
{
    sm_client *client = client_of_the_server();
    sm_token *token = (sm_token *)&base_url;
    sm_error *error = NULL;

    EXPECT_INT(sm_client_token_within(client, -2, &token, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT(token == NULL);
    EXPECT_MENTION(sm_error_message(error), "wait_ms");
    sm_error_free(error);
    EXPECT_INT(sm_client_token_within(client, 0, &token, &error), SM_ERROR_TIMEOUT);
    EXPECT(token == NULL);
    EXPECT_INT(sm_error_is_retryable(error), 1);
    EXPECT_INT(sm_error_retry_after_ms(error), -1);
    sm_error_free(error);
    EXPECT_INT(sm_client_token_within(client, -1, &token, &error), SM_OK);
    EXPECT(token != NULL && error == NULL);
    sm_token_free(token);
    EXPECT_INT(sm_client_token_within(client, 0, &token, &error), SM_OK);
    sm_token_free(token);
    sm_client_free(client);
}

/* promise: out-parameters */
CHECK(a_failure_clears_the_token_and_a_success_clears_the_error)
{
    sm_options *options = options_for(base_url);
    sm_client *wrong = NULL, *right = client_of_the_server();
    sm_token *token = (sm_token *)&base_url;
    sm_error *error = (sm_error *)&base_url;

    EXPECT_INT(sm_client_new(client_id, "not the secret", options, &wrong, NULL), SM_OK);
    sm_options_free(options);
    EXPECT_INT(sm_client_token(wrong, &token, &error), SM_ERROR_INVALID_CLIENT);
    EXPECT(token == NULL);
    EXPECT_INT(sm_error_status(error), SM_ERROR_INVALID_CLIENT);
    EXPECT_INT(sm_error_http_status(error), 401);
    EXPECT_TEXT(sm_error_oauth_code(error), "invalid_client");
    EXPECT_NO_MENTION(sm_error_message(error), "not the secret");
    sm_error_free(error);
    error = (sm_error *)&base_url;
    EXPECT_INT(sm_client_token(right, &token, &error), SM_OK);
    EXPECT(error == NULL);
    sm_token_free(token);
    sm_client_free(wrong);
    sm_client_free(right);
}

/* ---- authorization ---- */

CHECK(authorization_is_that_of_the_token)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);
    char buffer[16 * 1024 + 8];
    size_t length = 0;
    sm_error *error = (sm_error *)&base_url;

    EXPECT_INT(sm_client_authorization(client, buffer, sizeof buffer, &length, &error), SM_OK);
    EXPECT_TEXT(buffer, sm_token_authorization(token));
    EXPECT_INT(length, strlen(buffer));
    EXPECT(error == NULL);
    sm_token_free(token);
    sm_client_free(client);
}

CHECK(a_null_buffer_asks_for_the_length)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);
    size_t length = 0;

    EXPECT_INT(sm_client_authorization(client, NULL, 0, &length, NULL), SM_OK);
    EXPECT_INT(length, strlen(sm_token_authorization(token)));
    sm_token_free(token);
    sm_client_free(client);
}

CHECK(a_buffer_that_is_too_small_is_left_alone_and_the_length_is_told)
{
    sm_client *client = client_of_the_server();
    sm_error *error = NULL;
    char buffer[256];
    size_t length = 0, needed = 0;

    EXPECT_INT(sm_client_authorization(client, NULL, 0, &needed, NULL), SM_OK);
    EXPECT(needed < sizeof buffer);
    memset(buffer, '#', sizeof buffer);
    EXPECT_INT(sm_client_authorization(client, buffer, needed, &length, &error), SM_ERROR_BUFFER_TOO_SMALL);
    EXPECT_INT(sm_error_status(error), SM_ERROR_BUFFER_TOO_SMALL);
    EXPECT_INT(length, needed);
    for (size_t i = 0; i < sizeof buffer; i++)
        EXPECT_INT(buffer[i], '#');
    sm_error_free(error);
    EXPECT_INT(sm_client_authorization(client, buffer, needed + 1, &length, NULL), SM_OK);
    EXPECT_INT(buffer[needed], '\0');
    EXPECT_INT(buffer[needed + 1], '#');
    sm_client_free(client);
}

CHECK(a_capacity_without_a_buffer_is_an_invalid_argument)
{
    sm_client *client = client_of_the_server();

    EXPECT_INT(sm_client_authorization(client, NULL, 16, NULL, NULL), SM_ERROR_INVALID_ARGUMENT);
    sm_client_free(client);
}

CHECK(authorization_needs_neither_length_nor_error)
{
    sm_client *client = client_of_the_server();
    char buffer[256] = "";

    EXPECT_INT(sm_client_authorization(client, buffer, sizeof buffer, NULL, NULL), SM_OK);
    EXPECT_MENTION(buffer, "Bearer ");
    sm_client_free(client);
}

CHECK(authorization_without_a_client_is_an_invalid_argument_and_clears_the_length)
{
    sm_error *error = NULL;
    char buffer[16] = "untouched";
    size_t length = 7;

    EXPECT_INT(sm_client_authorization(NULL, buffer, sizeof buffer, &length, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(length, 0);
    EXPECT_TEXT(buffer, "untouched");
    EXPECT_MENTION(sm_error_message(error), "client");
    sm_error_free(error);
}

CHECK(authorization_that_fails_leaves_the_buffer_alone)
{
    sm_options *options = options_for(base_url);
    sm_client *client = NULL;
    char buffer[16] = "untouched";
    size_t length = 7;

    EXPECT_INT(sm_client_new(client_id, "not the secret", options, &client, NULL), SM_OK);
    sm_options_free(options);
    EXPECT_INT(sm_client_authorization(client, buffer, sizeof buffer, &length, NULL), SM_ERROR_INVALID_CLIENT);
    EXPECT_INT(length, 0);
    EXPECT_TEXT(buffer, "untouched");
    sm_client_free(client);
}

/* ---- set_credentials ---- */

CHECK(other_credentials_make_up_for_a_refusal_at_once)
{
    sm_options *options = options_for(base_url);
    sm_client *client = NULL;

    EXPECT_INT(sm_client_new(client_id, "not the secret", options, &client, NULL), SM_OK);
    sm_options_free(options);
    EXPECT_INT(status_of_a_call(client), SM_ERROR_INVALID_CLIENT);
    EXPECT_INT(sm_client_set_credentials(client, client_id, client_secret, NULL), SM_OK);
    EXPECT_INT(status_of_a_call(client), SM_OK);
    sm_client_free(client);
}

CHECK(other_credentials_leave_the_token_and_serve_the_next_request)
{
    sm_client *client = client_of_the_server();
    sm_token *before = token_of(client), *after;
    sm_error *error = (sm_error *)&base_url;

    EXPECT_INT(sm_client_set_credentials(client, client_id, "not the secret", &error), SM_OK);
    EXPECT(error == NULL);
    after = token_of(client);
    EXPECT_TEXT(sm_token_access_token(after), sm_token_access_token(before));
    sm_client_invalidate(client, after);
    EXPECT_INT(status_of_a_call(client), SM_ERROR_INVALID_CLIENT);
    sm_token_free(before);
    sm_token_free(after);
    sm_client_free(client);
}

/* ---- invalidate ---- */

/* Whether the client hands out another token than `old`; frees `old`. */
static int is_replaced(sm_client *client, sm_token *old)
{
    sm_token *now = token_of(client);
    int replaced = strcmp(sm_token_access_token(now), sm_token_access_token(old)) != 0;

    sm_token_free(old);
    sm_token_free(now);
    return replaced;
}

CHECK(a_token_is_invalidated_by_its_handle)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);

    sm_client_invalidate(client, token);
    EXPECT(is_replaced(client, token));
    sm_client_free(client);
}

CHECK(a_token_is_invalidated_by_the_text_that_was_sent)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);

    sm_client_invalidate_authorization(client, sm_token_authorization(token));
    EXPECT(is_replaced(client, token));
    sm_client_free(client);
}

CHECK(null_invalidates_whichever_token_there_is_every_time)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);

    sm_client_invalidate(client, NULL);
    EXPECT(is_replaced(client, token));
    token = token_of(client);
    sm_client_invalidate_authorization(client, NULL);
    EXPECT(is_replaced(client, token));
    sm_client_free(client);
}

CHECK(a_token_that_is_not_the_current_one_is_left_alone)
{
    sm_client *client = client_of_the_server(), *other = client_of_the_server();
    sm_token *token = token_of(client), *foreign = token_of(other);

    sm_client_invalidate(client, foreign);
    sm_client_invalidate_authorization(client, sm_token_authorization(foreign));
    sm_client_invalidate_authorization(client, "");
    sm_client_invalidate_authorization(client, "Bearer ");
    sm_client_invalidate_authorization(client, "\xff\xff");
    EXPECT(!is_replaced(client, token));
    sm_token_free(foreign);
    sm_client_free(client);
    sm_client_free(other);
}

CHECK(a_token_may_be_freed_before_its_text_is_invalidated)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);
    char *sent = strdup(sm_token_authorization(token)), now[256];

    sm_token_free(token);
    sm_client_invalidate_authorization(client, sent);
    EXPECT_INT(sm_client_authorization(client, now, sizeof now, NULL, NULL), SM_OK);
    EXPECT(strcmp(now, sent) != 0);
    free(sent);
    sm_client_free(client);
}

/* ---- shutdown and free ---- */

CHECK(after_shutdown_every_call_is_canceled)
{
    sm_client *client = client_of_the_server();
    sm_error *error = NULL;
    sm_token *token = token_of(client);
    char buffer[16] = "untouched";
    size_t length = 7;

    sm_token_free(token);
    sm_client_shutdown(client);
    token = (sm_token *)&base_url;
    EXPECT_INT(sm_client_token(client, &token, &error), SM_ERROR_CANCELED);
    EXPECT(token == NULL);
    EXPECT_INT(sm_error_status(error), SM_ERROR_CANCELED);
    EXPECT(sm_error_retry_after_ms(error) == -1);
    sm_error_free(error);
    EXPECT_INT(sm_client_authorization(client, buffer, sizeof buffer, &length, NULL), SM_ERROR_CANCELED);
    EXPECT_INT(length, 0);
    EXPECT_TEXT(buffer, "untouched");
    sm_client_free(client);
}

CHECK(a_client_that_is_shut_down_can_be_shut_down_and_invalidated)
{
    sm_client *client = client_of_the_server();
    sm_token *token = token_of(client);

    sm_client_shutdown(client);
    sm_client_shutdown(client);
    sm_client_invalidate(client, token);
    sm_client_invalidate(client, NULL);
    sm_client_invalidate_authorization(client, sm_token_authorization(token));
    EXPECT_INT(status_of_a_call(client), SM_ERROR_CANCELED);
    sm_token_free(token);
    sm_client_free(client);
}

/* promise: null-taken */
CHECK(every_function_takes_a_null_client)
{
    sm_client_invalidate(NULL, NULL);
    sm_client_invalidate_authorization(NULL, NULL);
    sm_client_invalidate_authorization(NULL, "Bearer whatever");
    sm_client_shutdown(NULL);
    sm_client_free(NULL);
    EXPECT(1);
}

static int accept_one(const loopback *server)
{
    int connection = (int)accept(server->listener, NULL, NULL);

    loopback_must(connection >= 0, "accept");
    return connection;
}

typedef struct {
    sm_client *client;
    sm_status status;
} waiting;

static void *wait_for_a_token(void *argument)
{
    waiting *self = argument;

    self->status = status_of_a_call(self->client);
    return NULL;
}

CHECK(shutdown_lets_a_waiting_caller_go)
{
    loopback silent;
    waiting caller = { NULL, -1 };
    pthread_t thread;
    int connection;

    loopback_listen(&silent);
    caller.client = client_of(silent.base_url);
    loopback_must(pthread_create(&thread, NULL, wait_for_a_token, &caller) == 0, "pthread_create");
    connection = accept_one(&silent);
    sm_client_shutdown(caller.client);
    loopback_must(pthread_join(thread, NULL) == 0, "pthread_join");
    EXPECT_INT(caller.status, SM_ERROR_CANCELED);
    sm_client_free(caller.client);
    close_socket(connection);
    loopback_close(&silent);
}

/* The connection on which a refresh waits; -1 before there is one. */
static int held = -1;

/* Answers once with a token that is soon stale, and never again. */
static void *answer_once_and_hold(void *argument)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
                                 "{\"access_token\": \"t0ken\", \"expires_in\": 4, \"token_type\": \"Bearer\"}";
    loopback *server = argument;

    server->answer = answer;
    loopback_answer_one(server);
    __atomic_store_n(&held, accept_one(server), __ATOMIC_RELEASE);
    return NULL;
}

CHECK(a_client_can_be_freed_while_a_flight_is_under_way)
{
    loopback server;
    sm_client *client;
    const struct timespec a_moment = { 0, 1000000 };
    char rest[4096];

    loopback_listen(&server);
    loopback_must(pthread_create(&server.thread, NULL, answer_once_and_hold, &server) == 0, "pthread_create");
    client = client_of(server.base_url);
    /* Calls until the token is stale and one of them starts a refresh, which nobody waits for. */
    while (__atomic_load_n(&held, __ATOMIC_ACQUIRE) < 0) {
        EXPECT_INT(status_of_a_call(client), SM_OK);
        nanosleep(&a_moment, NULL);
    }
    sm_client_free(client);
    loopback_must(pthread_join(server.thread, NULL) == 0, "pthread_join");
    /* The flight ends by itself, and its connection with it. */
    while (receive(held, rest, sizeof rest) > 0)
        continue;
    close_socket(held);
    loopback_close(&server);
}

int main(void)
{
    /* Copies: a change of the environment may move what `getenv` gave. */
    base_url = strdup(getenv("SMX_BASE_URL"));
    ca_file = strdup(getenv("SM_TOKEN_CA_FILE"));
    client_id = strdup(getenv("SMX_CLIENT_ID"));
    client_secret = strdup(getenv("SMX_CLIENT_SECRET"));
    /* A check that hangs is the first without a verdict. */
    end_within(120);

    RUN(new_without_a_place_for_the_client_is_an_invalid_argument);
    RUN(new_takes_both_credentials_or_neither);
    RUN(new_takes_the_credentials_from_the_environment);
    RUN(new_without_any_credentials_says_so);
    RUN(new_reads_the_ca_file_and_refuses_one_that_is_not_there);
    RUN(what_new_was_given_may_be_freed_before_the_first_call);
    RUN(a_client_hands_out_a_whole_token);
    RUN(a_token_outlives_its_client);
    RUN(token_without_a_client_or_a_place_is_an_invalid_argument);
    RUN(a_wait_of_zero_starts_the_request_that_a_longer_one_waits_for);
    RUN(a_failure_clears_the_token_and_a_success_clears_the_error);
    RUN(authorization_is_that_of_the_token);
    RUN(a_null_buffer_asks_for_the_length);
    RUN(a_buffer_that_is_too_small_is_left_alone_and_the_length_is_told);
    RUN(a_capacity_without_a_buffer_is_an_invalid_argument);
    RUN(authorization_needs_neither_length_nor_error);
    RUN(authorization_without_a_client_is_an_invalid_argument_and_clears_the_length);
    RUN(authorization_that_fails_leaves_the_buffer_alone);
    RUN(other_credentials_make_up_for_a_refusal_at_once);
    RUN(other_credentials_leave_the_token_and_serve_the_next_request);
    RUN(a_token_is_invalidated_by_its_handle);
    RUN(a_token_is_invalidated_by_the_text_that_was_sent);
    RUN(null_invalidates_whichever_token_there_is_every_time);
    RUN(a_token_that_is_not_the_current_one_is_left_alone);
    RUN(a_token_may_be_freed_before_its_text_is_invalidated);
    RUN(after_shutdown_every_call_is_canceled);
    RUN(a_client_that_is_shut_down_can_be_shut_down_and_invalidated);
    RUN(every_function_takes_a_null_client);
    RUN(shutdown_lets_a_waiting_caller_go);
    RUN(a_client_can_be_freed_while_a_flight_is_under_way);

    free((char *)base_url);
    free((char *)ca_file);
    free((char *)client_id);
    free((char *)client_secret);
    return CHECKS_EXIT_CODE;
}
