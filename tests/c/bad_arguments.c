/* What a caller can get wrong: each mistake is a status with a message that names the parameter, never a crash and
 * never a request. Needs no server. */
#define _POSIX_C_SOURCE 200809L

#include <sm_token.h>

#include "check.h"
#include "loopback.h"

#define SECRET "hush-0123456789"
#define NOT_UTF8 "caf\xe9"

/* A server that nobody listens to: a call that is not refused ends there, with another status. */
static char unreachable[40];

static sm_options *harmless_options(void)
{
    sm_options *options = sm_options_new();

    if (sm_options_set_base_url(options, unreachable) != SM_OK || sm_options_set_max_retries(options, 0) != SM_OK)
        abort();
    return options;
}

/* The call is refused with this status and a message that names the parameter and holds no secret. */
static void expect_refusal(const char *id, const char *secret, const sm_options *options, sm_status expected,
                           const char *parameter)
{
    sm_token *token = (sm_token *)unreachable;
    sm_error *error = NULL;
    sm_status status = sm_token_fetch(id, secret, options, &token, &error);

    EXPECT_INT(status, expected);
    EXPECT(token == NULL);
    EXPECT_INT(sm_error_status(error), expected);
    EXPECT_MENTION(sm_error_message(error), parameter);
    EXPECT_NO_MENTION(sm_error_message(error), "hush");
    EXPECT_NO_MENTION(sm_error_message(error), "caf");
    EXPECT_INT(sm_error_is_retryable(error), 0);
    EXPECT_INT(sm_error_http_status(error), 0);
    sm_error_free(error);
}

static void expect_bad_credentials(const char *id, const char *secret, const char *parameter)
{
    sm_options *options = harmless_options();

    expect_refusal(id, secret, options, SM_ERROR_INVALID_ARGUMENT, parameter);
    sm_options_free(options);
}

/* ---- sm_token_fetch ---- */

CHECK(credentials_that_are_fine_reach_the_network)
{
    sm_options *options = harmless_options();
    sm_token *token = NULL;

    EXPECT_INT(sm_token_fetch("id", SECRET, options, &token, NULL), SM_ERROR_CONNECT);
    sm_options_free(options);
}

CHECK(a_token_must_have_somewhere_to_go)
{
    sm_options *options = harmless_options();
    sm_error *error = NULL;

    EXPECT_INT(sm_token_fetch("id", SECRET, options, NULL, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_error_message(error), "token");
    sm_error_free(error);
    EXPECT_INT(sm_token_fetch("id", SECRET, options, NULL, NULL), SM_ERROR_INVALID_ARGUMENT);
    sm_options_free(options);
}

/* promise: bad-arguments */
CHECK(each_credential_is_read_and_refused_by_its_name)
{
    expect_bad_credentials("id", NULL, "client_secret");
    expect_bad_credentials(NULL, SECRET, "client_id");
    expect_bad_credentials("", SECRET, "client_id");
    expect_bad_credentials("id", "", "client_secret");
    expect_bad_credentials(NOT_UTF8, SECRET, "client_id");
    expect_bad_credentials("id", SECRET NOT_UTF8, "client_secret");
    expect_bad_credentials("id", SECRET "\n", "client_secret");
}

/* ---- the environment ---- */

CHECK(no_credentials_anywhere_name_the_variables)
{
    sm_options *options = harmless_options();

    expect_refusal(NULL, NULL, options, SM_ERROR_NO_CREDENTIALS, "SMX_CLIENT_ID");
    set_environment("SMX_CLIENT_ID", "id");
    expect_refusal(NULL, NULL, options, SM_ERROR_NO_CREDENTIALS, "SMX_CLIENT_SECRET");
    unset_environment("SMX_CLIENT_ID");
    sm_options_free(options);
}

/* ---- texts of options ---- */

typedef sm_status(SM_CALL *text_setter)(sm_options *, const char *);

CHECK(each_text_is_taken_or_refused_and_null_is_the_default)
{
    static const struct {
        text_setter set;
        const char *good, *bad;
    } cases[] = {
        { sm_options_set_base_url, "https://api.example/gateway", "ftp://api.example" },
        { sm_options_set_scope, "read write", "re\"ad" },
        { sm_options_set_user_agent, "ledger/3.1 (month end)", "ledger\r\nX: 1" },
        { sm_options_set_proxy, "http://user:pass%40word@proxy.example:3128", "http://user:hush@proxy.example:0" },
        { sm_options_set_ca_file, "ca.pem", "" },
    };
    sm_options *options = sm_options_new();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        EXPECT_INT(cases[i].set(options, cases[i].good), SM_OK);
        EXPECT_INT(cases[i].set(options, cases[i].bad), SM_ERROR_INVALID_ARGUMENT);
        EXPECT_INT(cases[i].set(options, NOT_UTF8), SM_ERROR_INVALID_ARGUMENT);
        EXPECT_NO_MENTION(sm_options_message(options), "hush");
        EXPECT_INT(cases[i].set(options, NULL), SM_OK);
    }
    EXPECT_INT(sm_options_set_proxy(options, ""), SM_OK);
    sm_options_free(options);
}

CHECK(credential_files_are_given_both_or_neither)
{
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_credential_files(options, "id", "secret"), SM_OK);
    EXPECT_INT(sm_options_set_credential_files(options, "id", NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_options_message(options), "client_secret_file is missing");
    EXPECT_INT(sm_options_set_credential_files(options, NULL, "secret"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_options_message(options), "client_id_file is missing");
    EXPECT_INT(sm_options_set_credential_files(options, "", "secret"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_credential_files(options, "id", NOT_UTF8), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_credential_files(options, NULL, NULL), SM_OK);
    sm_options_free(options);
}

CHECK(a_credential_file_that_is_not_there_is_told_by_its_name)
{
    sm_options *options = harmless_options();

    EXPECT_INT(sm_options_set_credential_files(options, "/no/such/id", "/no/such/secret"), SM_OK);
    expect_refusal(NULL, NULL, options, SM_ERROR_NO_CREDENTIALS, "/no/such/id");
    sm_options_free(options);
}

CHECK(a_client_takes_other_credentials_whole_or_not_at_all)
{
    sm_options *options = harmless_options();
    sm_client *client = NULL;
    sm_error *error = NULL;

    EXPECT_INT(sm_client_new("id", SECRET, options, &client, NULL), SM_OK);
    EXPECT_INT(sm_client_set_credentials(NULL, "id", SECRET, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_client_set_credentials(client, NULL, SECRET, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_client_set_credentials(client, "id", NULL, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_client_set_credentials(client, "id", NOT_UTF8, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_client_set_credentials(client, "id", SECRET "\n", &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_error_message(error), "client_secret");
    EXPECT_NO_MENTION(sm_error_message(error), SECRET);
    EXPECT_INT(sm_client_set_credentials(client, "id", SECRET, NULL), SM_OK);
    sm_error_free(error);
    sm_client_free(client);
    sm_options_free(options);
}

CHECK(a_ca_file_that_is_not_there_is_told_by_its_name)
{
    sm_options *options = harmless_options();

    EXPECT_INT(sm_options_set_base_url(options, "https://localhost:1"), SM_OK);
    EXPECT_INT(sm_options_set_ca_file(options, "/no/such/ca.pem"), SM_OK);
    expect_refusal("id", SECRET, options, SM_ERROR_NO_TRUST_ROOTS, "/no/such/ca.pem");
    sm_options_free(options);
}

/* ---- numbers of options ---- */

CHECK(no_timeout_may_be_zero)
{
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_timeout_ms(options, 0), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_connect_timeout_ms(options, 0), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_timeout_ms(options, 1), SM_OK);
    EXPECT_INT(sm_options_set_connect_timeout_ms(options, 1), SM_OK);
    EXPECT_INT(sm_options_set_timeout_ms(options, UINT32_MAX), SM_OK);
    EXPECT_INT(sm_options_set_connect_timeout_ms(options, UINT32_MAX), SM_OK);
    sm_options_free(options);
}

CHECK(more_than_100_retries_are_refused)
{
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_max_retries(options, 0), SM_OK);
    EXPECT_INT(sm_options_set_max_retries(options, 100), SM_OK);
    EXPECT_INT(sm_options_set_max_retries(options, 101), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_max_retries(options, UINT32_MAX), SM_ERROR_INVALID_ARGUMENT);
    sm_options_free(options);
}

CHECK(a_refused_option_says_why_until_the_next_setter)
{
    sm_options *options = sm_options_new();

    EXPECT_TEXT(sm_options_message(options), "");
    EXPECT_INT(sm_options_set_base_url(options, "http://api.example"), SM_ERROR_INSECURE_URL);
    EXPECT(strstr(sm_options_message(options), "base_url would send the secret to api.example") != NULL);
    EXPECT_INT(sm_options_set_scope(options, "\xff"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_TEXT(sm_options_message(options), "scope is not UTF-8");
    EXPECT_INT(sm_options_set_timeout_ms(options, 0), SM_ERROR_INVALID_ARGUMENT);
    EXPECT(strstr(sm_options_message(options), "timeout is not between 1 ms and 4294967295 ms") != NULL);
    EXPECT_INT(sm_options_set_max_retries(options, 101), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_TEXT(sm_options_message(options), "max_retries is not between 0 and 100");
    EXPECT_INT(sm_options_set_log(options, NULL, NULL, 9), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_TEXT(sm_options_message(options), "level is none of the SM_LOG_ constants");
    EXPECT_INT(sm_options_set_timeout_ms(options, 1), SM_OK);
    EXPECT_TEXT(sm_options_message(options), "");
    EXPECT_TEXT(sm_options_message(NULL), "");
    sm_options_free(options);
}

CHECK(a_trust_that_does_not_exist_is_refused)
{
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_trust(options, SM_TRUST_SYSTEM), SM_OK);
    EXPECT_INT(sm_options_set_trust(options, SM_TRUST_BUNDLED), SM_OK);
    EXPECT_INT(sm_options_set_trust(options, 2), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_trust(options, 7), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_trust(options, -1), SM_ERROR_INVALID_ARGUMENT);
    sm_options_free(options);
}

static void SM_CALL ignore_log(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    (void)message;
}

CHECK(a_log_level_that_does_not_exist_is_refused)
{
    sm_options *options = sm_options_new();

    for (int32_t level = SM_LOG_OFF; level <= SM_LOG_DEBUG; level++)
        EXPECT_INT(sm_options_set_log(options, ignore_log, NULL, level), SM_OK);
    EXPECT_INT(sm_options_set_log(options, ignore_log, NULL, 5), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_log(options, ignore_log, NULL, 9), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_log(options, ignore_log, NULL, -1), SM_ERROR_INVALID_ARGUMENT);
    sm_options_free(options);
}

CHECK(no_setter_takes_null_for_its_options)
{
    EXPECT_INT(sm_options_set_base_url(NULL, "https://localhost"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_scope(NULL, "read"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_user_agent(NULL, "ledger"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_proxy(NULL, ""), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_ca_file(NULL, "ca.pem"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_credential_files(NULL, "id", "secret"), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_trust(NULL, SM_TRUST_SYSTEM), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_timeout_ms(NULL, 1), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_connect_timeout_ms(NULL, 1), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_max_retries(NULL, 1), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_options_set_log(NULL, ignore_log, NULL, SM_LOG_INFO), SM_ERROR_INVALID_ARGUMENT);
}

/* ---- sm_token_copy ---- */

/* The server inside this program is all that it takes to hold a token. */
static sm_token *any_token(void)
{
    loopback server;
    sm_options *options = sm_options_new();
    sm_token *token = NULL;

    loopback_listen(&server);
    loopback_start(&server, LOOPBACK_TOKEN);
    if (sm_options_set_base_url(options, server.base_url) != SM_OK
        || sm_token_fetch("id", SECRET, options, &token, NULL) != SM_OK)
        check_failed(__FILE__, __LINE__, "no token");
    loopback_finish(&server);
    sm_options_free(options);
    return token;
}

CHECK(a_field_that_does_not_exist_is_not_copied)
{
    sm_token *token = any_token();
    char buffer[64] = "untouched";
    size_t length;

    EXPECT_INT(sm_token_copy(token, 4, buffer, sizeof buffer, &length), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(sm_token_copy(token, -1, buffer, sizeof buffer, &length), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_TEXT(buffer, "untouched");
    sm_token_free(token);
}

CHECK(a_token_that_is_not_there_is_not_copied)
{
    char buffer[64] = "untouched";
    size_t length;

    EXPECT_INT(sm_token_copy(NULL, SM_FIELD_TYPE, buffer, sizeof buffer, &length), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_TEXT(buffer, "untouched");
}

CHECK(no_buffer_has_no_capacity)
{
    sm_token *token = any_token();
    size_t length;

    EXPECT_INT(sm_token_copy(token, SM_FIELD_TYPE, NULL, 64, &length), SM_ERROR_INVALID_ARGUMENT);
    sm_token_free(token);
}

static int32_t SM_CALL count_step(void *user_data, const char *name, int32_t verdict, const char *text, const char *advice)
{
    (void)name, (void)verdict, (void)text, (void)advice;
    ++*(int *)user_data;
    return 1;
}

CHECK(a_check_must_have_somewhere_to_report_to)
{
    sm_error *error = NULL;

    EXPECT_INT(sm_check("id", "secret", NULL, NULL, NULL, &error), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(sm_error_message(error), "step is NULL");
    sm_error_free(error);
    EXPECT_INT(sm_check("id", "secret", NULL, NULL, NULL, NULL), SM_ERROR_INVALID_ARGUMENT);
}

CHECK(a_check_reads_its_credentials_as_a_fetch_does)
{
    int steps = 0;

    EXPECT_INT(sm_check("id", "\xff", NULL, count_step, &steps, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(steps, 0);
    EXPECT_INT(sm_check("id", NULL, NULL, count_step, &steps, NULL), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_INT(steps, 9);
    EXPECT_INT(sm_check(NULL, NULL, NULL, count_step, &steps, NULL), SM_ERROR_NO_CREDENTIALS);
    EXPECT_INT(steps, 18);
}

int main(void)
{
    static const char *const known[] = { "SMX_CLIENT_ID", "SMX_CLIENT_SECRET", "SMX_BASE_URL", "HTTPS_PROXY",
                                         "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy" };
    loopback nobody;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        unset_environment(known[i]);
    loopback_listen(&nobody);
    loopback_close(&nobody);
    memcpy(unreachable, nobody.base_url, sizeof unreachable);

    RUN(credentials_that_are_fine_reach_the_network);
    RUN(a_token_must_have_somewhere_to_go);
    RUN(each_credential_is_read_and_refused_by_its_name);
    RUN(each_text_is_taken_or_refused_and_null_is_the_default);
    RUN(credential_files_are_given_both_or_neither);
    RUN(a_credential_file_that_is_not_there_is_told_by_its_name);
    RUN(a_client_takes_other_credentials_whole_or_not_at_all);
    RUN(a_ca_file_that_is_not_there_is_told_by_its_name);

    RUN(no_credentials_anywhere_name_the_variables);

    RUN(no_timeout_may_be_zero);
    RUN(more_than_100_retries_are_refused);
    RUN(a_refused_option_says_why_until_the_next_setter);
    RUN(a_trust_that_does_not_exist_is_refused);
    RUN(a_log_level_that_does_not_exist_is_refused);
    RUN(no_setter_takes_null_for_its_options);

    RUN(a_field_that_does_not_exist_is_not_copied);
    RUN(a_token_that_is_not_there_is_not_copied);
    RUN(no_buffer_has_no_capacity);

    RUN(a_check_must_have_somewhere_to_report_to);
    RUN(a_check_reads_its_credentials_as_a_fetch_does);
    return CHECKS_EXIT_CODE;
}
