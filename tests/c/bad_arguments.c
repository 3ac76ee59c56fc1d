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

CHECK(an_id_without_a_secret_is_refused) { expect_bad_credentials("id", NULL, "client_secret"); }
CHECK(a_secret_without_an_id_is_refused) { expect_bad_credentials(NULL, SECRET, "client_id"); }
CHECK(an_empty_id_is_refused) { expect_bad_credentials("", SECRET, "client_id"); }
CHECK(an_empty_secret_is_refused) { expect_bad_credentials("id", "", "client_secret"); }
CHECK(an_id_that_is_not_utf8_is_refused) { expect_bad_credentials(NOT_UTF8, SECRET, "client_id"); }
CHECK(a_secret_that_is_not_utf8_is_refused) { expect_bad_credentials("id", SECRET NOT_UTF8, "client_secret"); }
CHECK(a_secret_read_with_its_newline_is_refused) { expect_bad_credentials("id", SECRET "\n", "client_secret"); }
CHECK(a_secret_of_a_dos_file_is_refused) { expect_bad_credentials("id", SECRET "\r\n", "client_secret"); }

CHECK(a_control_character_anywhere_in_a_credential_is_refused)
{
    expect_bad_credentials("i\td", SECRET, "client_id");
    expect_bad_credentials("id\x7f", SECRET, "client_id");
    expect_bad_credentials("id", "\x01" SECRET, "client_secret");
    expect_bad_credentials("id", SECRET "\nX-Header: 1", "client_secret");
}

/* ---- the environment ---- */

CHECK(no_credentials_anywhere_name_the_variables)
{
    sm_options *options = harmless_options();

    expect_refusal(NULL, NULL, options, SM_ERROR_NO_CREDENTIALS, "SMX_CLIENT_ID");
    setenv("SMX_CLIENT_ID", "id", 1);
    expect_refusal(NULL, NULL, options, SM_ERROR_NO_CREDENTIALS, "SMX_CLIENT_SECRET");
    unsetenv("SMX_CLIENT_ID");
    sm_options_free(options);
}

CHECK(a_bad_secret_in_the_environment_is_told_by_its_variable)
{
    sm_options *options = harmless_options();

    setenv("SMX_CLIENT_ID", "id", 1);
    setenv("SMX_CLIENT_SECRET", SECRET "\n", 1);
    expect_refusal(NULL, NULL, options, SM_ERROR_INVALID_ARGUMENT, "SMX_CLIENT_SECRET");
    setenv("SMX_CLIENT_SECRET", SECRET NOT_UTF8, 1);
    expect_refusal(NULL, NULL, options, SM_ERROR_INVALID_ARGUMENT, "SMX_CLIENT_SECRET");
    unsetenv("SMX_CLIENT_ID");
    unsetenv("SMX_CLIENT_SECRET");
    sm_options_free(options);
}

CHECK(a_bad_base_url_in_the_environment_is_told_by_its_variable)
{
    setenv("SMX_BASE_URL", "ftp://localhost", 1);
    expect_refusal("id", SECRET, NULL, SM_ERROR_INVALID_ARGUMENT, "SMX_BASE_URL");
    setenv("SMX_BASE_URL", "http://api.example.com", 1);
    expect_refusal("id", SECRET, NULL, SM_ERROR_INSECURE_URL, "SMX_BASE_URL");
    unsetenv("SMX_BASE_URL");
}

CHECK(a_malformed_proxy_in_the_environment_is_never_a_direct_connection)
{
    static const char *const variables[] = { "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy" };
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_base_url(options, "https://token.invalid"), SM_OK);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        setenv(variables[i], "http://user:hush@proxy.invalid:port", 1);
        expect_refusal("id", SECRET, options, SM_ERROR_INVALID_ARGUMENT, variables[i]);
        unsetenv(variables[i]);
    }
    sm_options_free(options);
}

/* ---- texts of options ---- */

typedef sm_status text_setter(sm_options *, const char *);

typedef struct {
    const char *text;
    sm_status status;
} case_of_text;

static void expect_statuses(text_setter *set, const case_of_text *cases, size_t count)
{
    sm_options *options = sm_options_new();

    for (size_t i = 0; i < count; i++) {
        sm_status status = set(options, cases[i].text);
        if (status != cases[i].status)
            check_failed(__FILE__, __LINE__, "\"%s\" is answered by %" PRId32 ", not %" PRId32, cases[i].text,
                         status, cases[i].status);
    }
    sm_options_free(options);
}

#define EXPECT_STATUSES(set, cases) expect_statuses(set, cases, sizeof cases / sizeof cases[0])
#define BAD SM_ERROR_INVALID_ARGUMENT

CHECK(a_base_url_is_a_plain_https_url)
{
    static const case_of_text cases[] = {
        { "https://api.standardmetrics.io", SM_OK },
        { "https://api.standardmetrics.io/", SM_OK },
        { "https://api.standardmetrics.io/o/token/", SM_OK },
        { "HTTPS://gateway.example:8443/standard-metrics/v2", SM_OK },
        { "https://192.0.2.7", SM_OK },
        { "https://[2001:db8::7]:443", SM_OK },
        { "https://api.example.com?x=1", BAD },
        { "https://api.example.com/?", BAD },
        { "https://api.example.com/#part", BAD },
        { "https://user@api.example.com", BAD },
        { "https://user:hush@api.example.com/", BAD },
        { "ftp://api.example.com", BAD },
        { "file:///etc/passwd", BAD },
        { "api.example.com", BAD },
        { "//api.example.com", BAD },
        { "https:/api.example.com", BAD },
        { "https://", BAD },
        { "https:///o/token/", BAD },
        { "https://:443", BAD },
        { "https://api.example.com:0", BAD },
        { "https://api.example.com:99999", BAD },
        { "https://api.example.com:", BAD },
        { "https://api.example.com:-1", BAD },
        { "https://api.example.com:443x", BAD },
        { "https://api example.com", BAD },
        { "https://api.example.com/a b", BAD },
        { " https://api.example.com", BAD },
        { "https://api.example.com\n", BAD },
        { "https://api.example.com\r\nHost: evil.example", BAD },
        { "https://[2001:db8::7", BAD },
        { "https://[nonsense]", BAD },
        { "https://" NOT_UTF8 ".example", BAD },
        { "", BAD },
    };

    EXPECT_STATUSES(sm_options_set_base_url, cases);
}

CHECK(plain_http_goes_to_this_machine_alone)
{
    static const case_of_text cases[] = {
        { "http://localhost:8000", SM_OK },
        { "http://127.0.0.1:8000", SM_OK },
        { "http://127.255.255.254", SM_OK },
        { "http://[::1]:8000", SM_OK },
        { "http://api.standardmetrics.io", SM_ERROR_INSECURE_URL },
        { "HTTP://api.standardmetrics.io", SM_ERROR_INSECURE_URL },
        { "http://localhost.evil.example", SM_ERROR_INSECURE_URL },
        { "http://127.0.0.1.evil.example", SM_ERROR_INSECURE_URL },
        { "http://127.0.0.1.", SM_ERROR_INSECURE_URL },
        { "http://localhost.", SM_ERROR_INSECURE_URL },
        { "http://notlocalhost", SM_ERROR_INSECURE_URL },
        { "http://126.0.0.1", SM_ERROR_INSECURE_URL },
        { "http://128.0.0.1", SM_ERROR_INSECURE_URL },
        { "http://0.0.0.0", SM_ERROR_INSECURE_URL },
        { "http://[::2]", SM_ERROR_INSECURE_URL },
        { "http://[::ffff:192.0.2.7]", SM_ERROR_INSECURE_URL },
        { "http://192.168.0.1", SM_ERROR_INSECURE_URL },
        { "http://localhost@evil.example", BAD },
        { "http://localhost:80@evil.example", BAD },
    };

    EXPECT_STATUSES(sm_options_set_base_url, cases);
}

CHECK(a_proxy_is_a_scheme_that_is_known_a_host_and_a_port)
{
    static const case_of_text cases[] = {
        { "", SM_OK },
        { "http://proxy.example:3128", SM_OK },
        { "http://user:pass%40word@proxy.example:3128", SM_OK },
        { "socks5://127.0.0.1:1080", SM_OK },
        { "socks5h://[::1]:1080", SM_OK },
        { "ftp://proxy.example:21", BAD },
        { "socks9://proxy.example", BAD },
        { "http://", BAD },
        { "http://:3128", BAD },
        { "http://proxy.example:port", BAD },
        { "http://proxy.example:0", BAD },
        { "http://proxy.example:99999", BAD },
        { "http://proxy.example:3128/path", BAD },
        { "http://proxy.example?x=1", BAD },
        { "http://user:ha/sh@proxy.example", BAD },
        { "http://user:half%4@proxy.example", BAD },
        { "http://proxy .example", BAD },
        { "http://proxy.example\r\nX: 1", BAD },
        { "://proxy.example", BAD },
        { NOT_UTF8, BAD },
        { " ", BAD },
    };

    EXPECT_STATUSES(sm_options_set_proxy, cases);
}

CHECK(a_scope_holds_what_the_rfc_allows)
{
    static const case_of_text cases[] = {
        { "read", SM_OK },
        { "all read write", SM_OK },
        { "urn:x/y!z~", SM_OK },
        { "read\nwrite", BAD },
        { "read\twrite", BAD },
        { "re\"ad", BAD },
        { "re\\ad", BAD },
        { "r\xc3\xa9""ad", BAD },
        { NOT_UTF8, BAD },
    };

    EXPECT_STATUSES(sm_options_set_scope, cases);
}

CHECK(a_user_agent_cannot_end_its_header)
{
    static const case_of_text cases[] = {
        { "ledger/3.1 (month end)", SM_OK },
        { "ledger\r\nX-Header: 1", BAD },
        { "ledger\n", BAD },
        { "ledger\x7f", BAD },
        { NOT_UTF8, BAD },
        { "", BAD },
    };

    EXPECT_STATUSES(sm_options_set_user_agent, cases);
}

CHECK(a_ca_file_must_have_a_name)
{
    static const case_of_text cases[] = { { "ca.pem", SM_OK }, { "", BAD }, { NOT_UTF8, BAD } };

    EXPECT_STATUSES(sm_options_set_ca_file, cases);
}

static void expect_no_trust_roots(const char *ca_file)
{
    sm_options *options = harmless_options();
    sm_error *error = NULL;
    sm_token *token = NULL;

    EXPECT_INT(sm_options_set_base_url(options, "https://localhost:1"), SM_OK);
    EXPECT_INT(sm_options_set_ca_file(options, ca_file), SM_OK);
    EXPECT_INT(sm_token_fetch("id", SECRET, options, &token, &error), SM_ERROR_NO_TRUST_ROOTS);
    EXPECT(token == NULL);
    EXPECT_MENTION(sm_error_message(error), ca_file);
    EXPECT_INT(sm_error_is_retryable(error), 0);
    sm_error_free(error);
    sm_options_free(options);
}

CHECK(a_ca_file_that_is_not_there_is_told_by_its_name) { expect_no_trust_roots("/no/such/ca.pem"); }
CHECK(a_directory_is_no_ca_file) { expect_no_trust_roots("/"); }
CHECK(an_empty_ca_file_trusts_nobody) { expect_no_trust_roots("/dev/null"); }
CHECK(a_ca_file_without_end_is_not_read_to_its_end) { expect_no_trust_roots("/dev/zero"); }

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

CHECK(any_number_of_retries_will_do)
{
    sm_options *options = sm_options_new();

    EXPECT_INT(sm_options_set_max_retries(options, 0), SM_OK);
    EXPECT_INT(sm_options_set_max_retries(options, UINT32_MAX), SM_OK);
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

static void ignore_log(void *user_data, int32_t level, const char *message)
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

int main(void)
{
    static const char *const known[] = { "SMX_CLIENT_ID", "SMX_CLIENT_SECRET", "SMX_BASE_URL", "HTTPS_PROXY",
                                         "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy" };
    loopback nobody;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        unsetenv(known[i]);
    loopback_listen(&nobody);
    loopback_close(&nobody);
    memcpy(unreachable, nobody.base_url, sizeof unreachable);

    RUN(credentials_that_are_fine_reach_the_network);
    RUN(a_token_must_have_somewhere_to_go);
    RUN(an_id_without_a_secret_is_refused);
    RUN(a_secret_without_an_id_is_refused);
    RUN(an_empty_id_is_refused);
    RUN(an_empty_secret_is_refused);
    RUN(an_id_that_is_not_utf8_is_refused);
    RUN(a_secret_that_is_not_utf8_is_refused);
    RUN(a_secret_read_with_its_newline_is_refused);
    RUN(a_secret_of_a_dos_file_is_refused);
    RUN(a_control_character_anywhere_in_a_credential_is_refused);

    RUN(no_credentials_anywhere_name_the_variables);
    RUN(a_bad_secret_in_the_environment_is_told_by_its_variable);
    RUN(a_bad_base_url_in_the_environment_is_told_by_its_variable);
    RUN(a_malformed_proxy_in_the_environment_is_never_a_direct_connection);

    RUN(a_base_url_is_a_plain_https_url);
    RUN(plain_http_goes_to_this_machine_alone);
    RUN(a_proxy_is_a_scheme_that_is_known_a_host_and_a_port);
    RUN(a_scope_holds_what_the_rfc_allows);
    RUN(a_user_agent_cannot_end_its_header);
    RUN(a_ca_file_must_have_a_name);
    RUN(a_ca_file_that_is_not_there_is_told_by_its_name);
    RUN(a_directory_is_no_ca_file);
    RUN(an_empty_ca_file_trusts_nobody);
    RUN(a_ca_file_without_end_is_not_read_to_its_end);

    RUN(no_timeout_may_be_zero);
    RUN(any_number_of_retries_will_do);
    RUN(a_trust_that_does_not_exist_is_refused);
    RUN(a_log_level_that_does_not_exist_is_refused);
    RUN(no_setter_takes_null_for_its_options);

    RUN(a_field_that_does_not_exist_is_not_copied);
    RUN(a_token_that_is_not_there_is_not_copied);
    RUN(no_buffer_has_no_capacity);
    return CHECKS_EXIT_CODE;
}
