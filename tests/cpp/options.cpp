/* Each option does what it says, and refuses what it can't be. */
#include <cstdlib>
#include <limits>

#include "check.hpp"

using namespace std::chrono_literals;

static std::string client_id, client_secret, base_url, ca_file;

/* Options for one request to the server that misbehaves. */
static sm::options one_request_to(const char *script)
{
    return sm::options{}.base_url(misbehaving(script)).ca_file(ca_file).max_retries(0);
}

/* ---- each option has its effect ---- */

CHECK(every_option_can_be_chained_on_a_temporary)
{
    const auto options = sm::options{}
                             .base_url(misbehaving("token"))
                             .scope("read write")
                             .user_agent("chained/1")
                             .proxy("")
                             .ca_file(ca_file)
                             .trust(sm::trust::bundled)
                             .timeout(20s)
                             .connect_timeout(5s)
                             .max_retries(1)
                             .log(sm::log_level::debug, [](sm::log_level, std::string_view) {});

    EXPECT_TEXT(sm::fetch("id", "secret", options).type(), "Bearer");
}

/* contract: option-sent */
CHECK(every_option_can_be_chained_on_a_name)
{
    sm::options options;
    options.base_url(misbehaving("token"))
        .scope("read write")
        .user_agent("chained/1")
        .proxy("")
        .ca_file(ca_file)
        .trust(sm::trust::bundled)
        .timeout(20s)
        .connect_timeout(5s)
        .max_retries(1)
        .log(sm::log_level::debug, [](sm::log_level, std::string_view) {});

    EXPECT_TEXT(sm::fetch("id", "secret", options).type(), "Bearer");
}

CHECK(a_chain_on_a_temporary_outlives_it)
{
    const auto &options = one_request_to("token").scope("read");

    EXPECT_TEXT(sm::fetch("id", "secret", options).type(), "Bearer");
}

/* Each of the two timeouts is followed by a long other one, and ends the call long before that. */
static void expect_an_early_timeout(const sm::options &options)
{
    const auto start = std::chrono::steady_clock::now();
    EXPECT_ERROR(sm::fetch("id", "secret", options), SM_ERROR_TIMEOUT, "");
    EXPECT(std::chrono::steady_clock::now() - start < 5s);
}

CHECK(the_timeout_ends_a_call)
{
    expect_an_early_timeout(one_request_to("hang-in-body").timeout(100ms).connect_timeout(20s));
}

CHECK(the_connect_timeout_ends_a_handshake)
{
    const std::string silent = given("SM_TOKEN_SILENT_URL");
    expect_an_early_timeout(one_request_to("token").base_url(silent).connect_timeout(100ms).timeout(20s));
}

CHECK(without_retries_a_busy_server_is_an_error)
{
    EXPECT_ERROR(sm::fetch("id", "secret", one_request_to("busy-then-token")), SM_ERROR_SERVER, "");
}

CHECK(a_retry_makes_up_for_a_busy_server)
{
    EXPECT_TEXT(sm::fetch("id", "secret", one_request_to("busy-then-token").max_retries(1)).type(), "Bearer");
}

CHECK(the_proxy_is_used)
{
    /* Nobody listens on the discard port, and the name is resolved by nobody but the proxy. */
    const auto options = sm::options{}.base_url("https://api.example.invalid").proxy("127.0.0.1:9").max_retries(0);
    EXPECT_ERROR(sm::fetch("id", "secret", options), SM_ERROR_PROXY, "127.0.0.1");
}

CHECK(the_ca_file_takes_the_place_of_the_systems_store)
{
    const auto options = sm::options{}.ca_file("/no/such/file");
    EXPECT_ERROR(sm::fetch(client_id, client_secret, options), SM_ERROR_NO_TRUST_ROOTS, "/no/such/file");
}

CHECK(bundled_trust_does_not_know_the_systems_authorities)
{
    auto options = sm::options{}.base_url(base_url);
    EXPECT_TEXT(sm::fetch(client_id, client_secret, options).type(), "Bearer");
    options.trust(sm::trust::bundled);
    EXPECT_ERROR(sm::fetch(client_id, client_secret, options), SM_ERROR_CERTIFICATE, "bundled");
}

CHECK(the_credential_files_take_the_place_of_the_environment)
{
    const char *not_set = nullptr;
    const auto options = sm::options{}.credential_files("/no/such/id", "/no/such/secret");

    EXPECT_ERROR(sm::fetch(options), SM_ERROR_NO_CREDENTIALS, "/no/such/id");
    EXPECT_ERROR(sm::client{options}, SM_ERROR_NO_CREDENTIALS, "/no/such/id");
    EXPECT_ERROR(sm::options{}.credential_files("/id", not_set), SM_ERROR_INVALID_ARGUMENT, "client_secret_file");
    EXPECT_TEXT(sm::fetch(sm::options{}.credential_files("/id", "/secret").credential_files(not_set, not_set)).type(),
                "Bearer");
}

CHECK(null_means_the_default_again)
{
    const char *not_set = nullptr;
    const auto options = sm::options{}
                             .base_url("https://api.example.invalid")
                             .scope("no-such-scope")
                             .proxy("127.0.0.1:9")
                             .ca_file("/no/such/file")
                             .base_url(not_set)
                             .scope(not_set)
                             .proxy(not_set)
                             .ca_file(not_set);

    EXPECT_TEXT(sm::fetch(client_id, client_secret, options).scope(), "all read write");
}

/* ---- what an option can't be ---- */

/* contract: option-reason */
CHECK(a_malformed_url_is_refused)
{
    EXPECT_ERROR(sm::options{}.base_url("no url"), SM_ERROR_INVALID_ARGUMENT, "base_url");
}

/* contract: insecure-url */
CHECK(http_to_another_machine_is_refused)
{
    EXPECT_ERROR(sm::options{}.base_url("http://api.example.com"), SM_ERROR_INSECURE_URL, "base_url would send the secret");
}

CHECK(a_scope_of_other_characters_is_refused)
{
    EXPECT_ERROR(sm::options{}.scope("\"all\""), SM_ERROR_INVALID_ARGUMENT, "scope");
}

CHECK(a_user_agent_with_a_line_break_is_refused)
{
    EXPECT_ERROR(sm::options{}.user_agent("a\r\nX: y"), SM_ERROR_INVALID_ARGUMENT, "user_agent");
}

CHECK(a_malformed_proxy_is_refused_without_its_password)
{
    const auto failure = error_of([] { sm::options{}.proxy("ftp://user:hush@proxy.example.com"); });

    EXPECT(failure.has_value());
    EXPECT_INT(failure->status(), SM_ERROR_INVALID_ARGUMENT);
    EXPECT_MENTION(failure->what(), "proxy");
    EXPECT_NO_MENTION(failure->what(), "hush");
}

CHECK(an_empty_ca_file_is_refused)
{
    EXPECT_ERROR(sm::options{}.ca_file(""), SM_ERROR_INVALID_ARGUMENT, "ca_file");
}

CHECK(an_unknown_trust_is_refused)
{
    EXPECT_ERROR(sm::options{}.trust(static_cast<sm::trust>(7)), SM_ERROR_INVALID_ARGUMENT, "trust");
}

CHECK(an_unknown_log_level_is_refused)
{
    const auto deaf = [](sm::log_level, std::string_view) {};
    EXPECT_ERROR(sm::options{}.log(static_cast<sm::log_level>(7), deaf), SM_ERROR_INVALID_ARGUMENT, "level");
}

CHECK(a_text_with_a_nul_is_refused_by_name)
{
    const std::string text("read\0write", 10);
    const std::string_view view = text;

    EXPECT_ERROR(sm::options{}.base_url("https://h/" + text), SM_ERROR_INVALID_ARGUMENT, "base_url holds a NUL");
    EXPECT_ERROR(sm::options{}.scope(view), SM_ERROR_INVALID_ARGUMENT, "scope holds a NUL");
    EXPECT_ERROR(sm::options{}.user_agent(text), SM_ERROR_INVALID_ARGUMENT, "user_agent holds a NUL");
    EXPECT_ERROR(sm::options{}.proxy(view), SM_ERROR_INVALID_ARGUMENT, "proxy holds a NUL");
    EXPECT_ERROR(sm::options{}.ca_file(view), SM_ERROR_INVALID_ARGUMENT, "ca_file holds a NUL");
}

CHECK(a_timeout_that_is_none_is_refused)
{
    EXPECT_ERROR(sm::options{}.timeout(0s), SM_ERROR_INVALID_ARGUMENT, "timeout");
    EXPECT_ERROR(sm::options{}.timeout(-1s), SM_ERROR_INVALID_ARGUMENT, "timeout");
    EXPECT_ERROR(sm::options{}.connect_timeout(0s), SM_ERROR_INVALID_ARGUMENT, "connect_timeout");
    EXPECT_ERROR(sm::options{}.connect_timeout(-1ns), SM_ERROR_INVALID_ARGUMENT, "connect_timeout");
}

/* contract: number-range */
CHECK(a_timeout_that_does_not_fit_is_refused_and_does_not_wrap)
{
    EXPECT_ERROR(sm::options{}.timeout(4294967296ms), SM_ERROR_INVALID_ARGUMENT, "timeout");
    EXPECT_ERROR(sm::options{}.timeout(std::chrono::hours::max()), SM_ERROR_INVALID_ARGUMENT, "timeout");
    EXPECT_ERROR(sm::options{}.timeout(std::chrono::hours::min()), SM_ERROR_INVALID_ARGUMENT, "timeout");
    EXPECT_ERROR(sm::options{}.timeout(sm::duration(std::numeric_limits<double>::quiet_NaN())),
                 SM_ERROR_INVALID_ARGUMENT, "timeout");
}

CHECK(the_longest_timeout_is_taken)
{
    EXPECT_TEXT(sm::fetch("id", "secret", one_request_to("token").timeout(4294967295ms)).type(), "Bearer");
}

CHECK(a_timeout_below_a_millisecond_is_one)
{
    EXPECT_ERROR(sm::fetch("id", "secret", one_request_to("hang-in-body").timeout(1ns)), SM_ERROR_TIMEOUT, "");
}

CHECK(retries_below_0_and_above_100_are_refused_and_do_not_wrap)
{
    EXPECT_ERROR(sm::options{}.max_retries(-1), SM_ERROR_INVALID_ARGUMENT, "max_retries");
    EXPECT_ERROR(sm::options{}.max_retries(101), SM_ERROR_INVALID_ARGUMENT, "max_retries");
    EXPECT_ERROR(sm::options{}.max_retries(4294967296), SM_ERROR_INVALID_ARGUMENT, "max_retries");
}

CHECK(a_refused_value_leaves_the_old_one)
{
    auto options = one_request_to("token");
    EXPECT_ERROR(options.base_url("no url"), SM_ERROR_INVALID_ARGUMENT, "base_url");

    EXPECT_TEXT(sm::fetch("id", "secret", options).type(), "Bearer");
}

/* ---- moves ---- */

CHECK(options_that_were_moved_from_refuse_to_be_set)
{
    sm::options from;
    const sm::options to = std::move(from);

    EXPECT_ERROR(from.scope("read"), SM_ERROR_INVALID_ARGUMENT, "moved from");
    EXPECT_ERROR(from.log(sm::log_level::off, nullptr), SM_ERROR_INVALID_ARGUMENT, "moved from");
}

CHECK(options_that_were_moved_from_can_be_assigned_to)
{
    sm::options from;
    const sm::options to = std::move(from);
    from = one_request_to("token");

    EXPECT_TEXT(sm::fetch("id", "secret", from).type(), "Bearer");
}

int main()
{
    client_id = given("SMX_CLIENT_ID");
    client_secret = given("SMX_CLIENT_SECRET");
    base_url = given("SMX_BASE_URL");
    ca_file = given("SM_TOKEN_CA_FILE");

    RUN(every_option_can_be_chained_on_a_temporary);
    RUN(every_option_can_be_chained_on_a_name);
    RUN(a_chain_on_a_temporary_outlives_it);
    RUN(the_timeout_ends_a_call);
    RUN(the_connect_timeout_ends_a_handshake);
    RUN(without_retries_a_busy_server_is_an_error);
    RUN(a_retry_makes_up_for_a_busy_server);
    RUN(the_proxy_is_used);
    RUN(the_ca_file_takes_the_place_of_the_systems_store);
    RUN_BY_SYSTEM_STORE(bundled_trust_does_not_know_the_systems_authorities);
    RUN_BY_SYSTEM_STORE(the_credential_files_take_the_place_of_the_environment);
    RUN_BY_SYSTEM_STORE(null_means_the_default_again);
    RUN(a_malformed_url_is_refused);
    RUN(http_to_another_machine_is_refused);
    RUN(a_scope_of_other_characters_is_refused);
    RUN(a_user_agent_with_a_line_break_is_refused);
    RUN(a_malformed_proxy_is_refused_without_its_password);
    RUN(an_empty_ca_file_is_refused);
    RUN(an_unknown_trust_is_refused);
    RUN(an_unknown_log_level_is_refused);
    RUN(a_text_with_a_nul_is_refused_by_name);
    RUN(a_timeout_that_is_none_is_refused);
    RUN(a_timeout_that_does_not_fit_is_refused_and_does_not_wrap);
    RUN(the_longest_timeout_is_taken);
    RUN(a_timeout_below_a_millisecond_is_one);
    RUN(retries_below_0_and_above_100_are_refused_and_do_not_wrap);
    RUN(a_refused_value_leaves_the_old_one);
    RUN(options_that_were_moved_from_refuse_to_be_set);
    RUN(options_that_were_moved_from_can_be_assigned_to);
    return CHECKS_EXIT_CODE;
}
