/* Tokens and errors, from the real server and from one that misbehaves. */
#include <cstdlib>
#include <cstring>

#include "check.hpp"

using namespace std::chrono_literals;
using std::chrono::system_clock;

static std::string client_id, client_secret, base_url, ca_file;

static sm::options trusting_options()
{
    return sm::options{}.base_url(base_url).ca_file(ca_file);
}

static sm::token fetch_token()
{
    return sm::fetch(client_id, client_secret, trusting_options());
}

/* Asks the server that misbehaves, once. */
static void fetch_from(const char *script)
{
    sm::fetch("id", "secret", trusting_options().base_url(misbehaving(script)).max_retries(0));
}

/* ---- a token ---- */

/* contract: token */
CHECK(a_token_carries_its_type_and_scope)
{
    const sm::token token = fetch_token();

    EXPECT_TEXT(token.type(), "Bearer");
    EXPECT_TEXT(token.scope(), "all read write");
}

CHECK(authorization_is_the_token_behind_its_scheme)
{
    const sm::token token = fetch_token();

    EXPECT(!token.access_token().empty());
    EXPECT(token.authorization() == "Bearer " + std::string(token.access_token()));
}

CHECK(a_token_is_good_for_what_the_server_said)
{
    const sm::token token = fetch_token();

    EXPECT(token.expires_in() > 3590s);
    EXPECT(token.expires_in() <= 3600s);
}

/* contract: expiry */
CHECK(expires_at_and_expires_in_agree)
{
    const sm::token token = fetch_token();
    const auto left = token.expires_at() - system_clock::now();

    EXPECT(left > token.expires_in() - 2s);
    EXPECT(left < token.expires_in() + 2s);
}

CHECK(a_view_has_a_nul_at_its_end)
{
    const sm::token token = fetch_token();

    EXPECT_INT(std::strlen(token.authorization().data()), token.authorization().size());
}

/* contract: environment */
CHECK(fetch_without_arguments_reads_the_environment)
{
    EXPECT_TEXT(sm::fetch().type(), "Bearer");
}

CHECK(fetch_with_options_alone_reads_the_credentials_from_the_environment)
{
    EXPECT_TEXT(sm::fetch(sm::options{}.ca_file(ca_file)).type(), "Bearer");
}

CHECK(credentials_may_be_views_into_a_longer_text)
{
    const std::string both = client_id + ":" + client_secret + "\n";
    const std::string_view all = both;
    const sm::token token =
        sm::fetch(all.substr(0, client_id.size()), all.substr(client_id.size() + 1, client_secret.size()),
                  trusting_options());

    EXPECT_TEXT(token.type(), "Bearer");
}

CHECK(credentials_may_be_c_strings)
{
    EXPECT_TEXT(sm::fetch(client_id.c_str(), client_secret.c_str(), trusting_options()).type(), "Bearer");
}

/* contract: odd-text */
CHECK(credentials_of_reserved_and_accented_characters_are_accepted)
{
    const sm::token token =
        sm::fetch(given("SM_TOKEN_ODD_CLIENT_ID"), given("SM_TOKEN_ODD_CLIENT_SECRET"), trusting_options());

    EXPECT_TEXT(token.type(), "Bearer");
}

CHECK(options_can_be_used_again)
{
    const sm::options options = trusting_options();
    const sm::token one = sm::fetch(client_id, client_secret, options);
    const sm::token other = sm::fetch(client_id, client_secret, options);

    EXPECT(one.access_token() != other.access_token());
}

CHECK(a_token_of_the_c_interface_can_be_taken_over)
{
    sm_token *handle = nullptr;
    EXPECT_INT(sm_token_fetch(nullptr, nullptr, trusting_options().get(), &handle, nullptr), SM_OK);
    const sm::token token(handle);

    EXPECT(token.get() == handle);
    EXPECT_TEXT(token.type(), "Bearer");
}

/* ---- moves ---- */

CHECK(a_move_carries_the_token_along)
{
    sm::token from = fetch_token();
    const std::string text(from.access_token());
    const sm::token to = std::move(from);

    EXPECT(to.access_token() == text);
}

CHECK(a_token_that_was_moved_from_is_empty)
{
    sm::token from = fetch_token();
    const sm::token to = std::move(from);

    EXPECT_TEXT(from.access_token(), "");
    EXPECT_TEXT(from.authorization(), "");
    EXPECT_TEXT(from.type(), "");
    EXPECT_TEXT(from.scope(), "");
    EXPECT(from.expires_in() == 0s);
    EXPECT(from.expires_at() == system_clock::time_point());
    EXPECT(from.get() == nullptr);
}

CHECK(a_token_that_was_moved_from_can_be_assigned_to)
{
    sm::token from = fetch_token();
    const sm::token to = std::move(from);
    from = fetch_token();

    EXPECT_TEXT(from.type(), "Bearer");
}

/* ---- errors ---- */

/* contract: refused */
CHECK(a_wrong_secret_is_an_invalid_client)
{
    EXPECT_ERROR(sm::fetch(client_id, "not the secret", trusting_options()), SM_ERROR_INVALID_CLIENT, "");
}

/* contract: refused-fields */
CHECK(an_error_carries_the_http_status_and_the_oauth_code)
{
    const auto failure = error_of([] { sm::fetch(client_id, "not the secret", trusting_options()); });

    EXPECT(failure.has_value());
    EXPECT_INT(failure->http_status(), 401);
    EXPECT_TEXT(failure->oauth_code(), "invalid_client");
    EXPECT(!failure->retryable());
    EXPECT(!failure->retry_after().has_value());
}

/* contract: no-secret */
CHECK(an_error_says_no_secret)
{
    const auto failure = error_of([] { sm::fetch(client_id, "not the secret", trusting_options()); });

    EXPECT(failure.has_value());
    EXPECT(std::strlen(failure->what()) > 0);
    EXPECT_NO_MENTION(failure->what(), "not the secret");
}

CHECK(an_error_carries_the_servers_own_words)
{
    const auto failure = error_of([] { fetch_from("invalid-request"); });

    EXPECT(failure.has_value());
    EXPECT_INT(failure->status(), SM_ERROR_OAUTH);
    EXPECT_TEXT(failure->oauth_code(), "invalid_request");
    EXPECT_TEXT(failure->oauth_description(), "something is missing");
}

CHECK(an_error_carries_how_long_to_wait)
{
    const auto failure = error_of([] { fetch_from("rate-limited"); });

    EXPECT(failure.has_value());
    EXPECT_INT(failure->status(), SM_ERROR_RATE_LIMITED);
    EXPECT(failure->retryable());
    EXPECT(failure->retry_after() == 60s);
}

CHECK(an_error_without_an_answer_has_no_http_status)
{
    const auto failure = error_of([] { fetch_from("close-before-headers"); });

    EXPECT(failure.has_value());
    EXPECT_INT(failure->status(), SM_ERROR_IO);
    EXPECT_INT(failure->http_status(), 0);
    EXPECT_TEXT(failure->oauth_code(), "");
    EXPECT_TEXT(failure->oauth_description(), "");
    EXPECT(failure->retryable());
}

CHECK(an_error_is_caught_as_a_runtime_error)
{
    std::string what;
    try {
        sm::fetch(client_id, "not the secret", trusting_options());
    } catch (const std::runtime_error &error) {
        what = error.what();
    }

    EXPECT(!what.empty());
}

CHECK(a_copy_of_an_error_outlives_the_original)
{
    auto original = error_of([] { fetch_from("invalid-request"); });
    EXPECT(original.has_value());
    const std::string what = original->what();
    const sm::error copy = *original;
    original.reset();

    EXPECT_TEXT(copy.what(), what);
    EXPECT_TEXT(copy.oauth_description(), "something is missing");
}

CHECK(an_error_that_was_moved_from_can_be_asked)
{
    auto original = error_of([] { fetch_from("invalid-request"); });
    EXPECT(original.has_value());
    const sm::error moved = std::move(*original);

    EXPECT_TEXT(original->oauth_code(), "invalid_request");
    EXPECT_INT(original->status(), SM_ERROR_OAUTH);
}

CHECK(an_error_of_ones_own_has_a_status_and_a_message)
{
    const sm::error error(SM_ERROR_TIMEOUT, "too late");

    EXPECT_INT(error.status(), SM_ERROR_TIMEOUT);
    EXPECT_TEXT(error.what(), "too late");
    EXPECT_TEXT(error.oauth_code(), "");
    EXPECT(!error.retry_after().has_value());
}

CHECK(an_error_of_a_status_alone_has_its_fixed_message)
{
    const sm::error error(SM_ERROR_TIMEOUT, nullptr);

    EXPECT_TEXT(error.what(), sm_status_message(SM_ERROR_TIMEOUT));
    EXPECT(!error.retry_after().has_value());
}

/* ---- credentials that can't be ---- */

CHECK(a_null_id_is_refused)
{
    const char *missing = nullptr;
    EXPECT_ERROR(sm::fetch(missing, "secret", trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_id");
}

/* contract: half-credentials */
CHECK(a_null_secret_is_refused)
{
    const char *missing = nullptr;
    EXPECT_ERROR(sm::fetch("id", missing, trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_secret");
}

CHECK(two_nulls_are_not_taken_for_the_environment)
{
    const char *missing = nullptr;
    EXPECT_ERROR(sm::fetch(missing, missing, trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_id");
}

CHECK(an_empty_view_is_an_empty_secret)
{
    EXPECT_ERROR(sm::fetch("id", std::string_view(), trusting_options()), SM_ERROR_INVALID_ARGUMENT,
                 "client_secret");
}

CHECK(an_id_with_a_nul_is_refused)
{
    const std::string id = client_id + '\0' + "more";
    EXPECT_ERROR(sm::fetch(id, client_secret, trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_id");
}

/* contract: not-text */
CHECK(a_secret_with_a_nul_is_refused_and_not_cut)
{
    const std::string secret = client_secret + '\0';
    EXPECT_ERROR(sm::fetch(client_id, std::string_view(secret), trusting_options()), SM_ERROR_INVALID_ARGUMENT,
                 "client_secret");
}

CHECK(options_that_were_moved_from_are_not_taken_for_the_defaults)
{
    sm::options from = trusting_options();
    const sm::options to = std::move(from);

    EXPECT_ERROR(sm::fetch(client_id, client_secret, from), SM_ERROR_INVALID_ARGUMENT, "options");
}

/* ---- versions ---- */

/* contract: version */
CHECK(the_library_is_of_the_headers_version)
{
    EXPECT_TEXT(sm::version(), std::to_string(SM_TOKEN_VERSION_MAJOR) + "." + std::to_string(SM_TOKEN_VERSION_MINOR) +
                                   "." + std::to_string(SM_TOKEN_VERSION_PATCH));
}

/* ---- the check ---- */

/* contract: check */
CHECK(a_check_hands_out_every_step)
{
    std::string names;

    sm::check(client_id, client_secret, [&](const sm::check_step &step) {
        names += std::string(step.name) + (step.verdict == sm::verdict::ok ? ";" : "?");
        return !step.text.empty();
    }, trusting_options());
    EXPECT_TEXT(names, "credentials;base URL;proxy;name;connection;TLS;certificate;clock;answer;");
}

CHECK(a_check_throws_the_first_wrong_step)
{
    std::string wrong;
    const auto note = [&](const sm::check_step &step) {
        if (step.verdict == sm::verdict::wrong)
            wrong += std::string(step.name) + (step.advice.empty() ? "" : "!");
        return true;
    };

    EXPECT_ERROR(sm::check(client_id, "another", note, trusting_options()), SM_ERROR_INVALID_CLIENT, "");
    EXPECT_TEXT(wrong, "answer!");
}

CHECK(a_handler_that_throws_or_wants_no_more_ends_the_check)
{
    const auto no_more = [](const sm::check_step &) { return false; };
    const auto throws = [](const sm::check_step &) -> bool { throw 1; };

    EXPECT_ERROR(sm::check(no_more, trusting_options()), SM_ERROR_CANCELED, "");
    EXPECT_ERROR(sm::check(throws, trusting_options()), SM_ERROR_CANCELED, "");
    EXPECT_ERROR(sm::check(sm::check_handler(), trusting_options()), SM_ERROR_INVALID_ARGUMENT, "handler");
}

int main()
{
    client_id = given("SMX_CLIENT_ID");
    client_secret = given("SMX_CLIENT_SECRET");
    base_url = given("SMX_BASE_URL");
    ca_file = given("SM_TOKEN_CA_FILE");

    RUN(a_token_carries_its_type_and_scope);
    RUN(authorization_is_the_token_behind_its_scheme);
    RUN(a_token_is_good_for_what_the_server_said);
    RUN(expires_at_and_expires_in_agree);
    RUN(a_view_has_a_nul_at_its_end);
    RUN_BY_SYSTEM_STORE(fetch_without_arguments_reads_the_environment);
    RUN(fetch_with_options_alone_reads_the_credentials_from_the_environment);
    RUN(credentials_may_be_views_into_a_longer_text);
    RUN(credentials_may_be_c_strings);
    RUN(credentials_of_reserved_and_accented_characters_are_accepted);
    RUN(options_can_be_used_again);
    RUN(a_token_of_the_c_interface_can_be_taken_over);
    RUN(a_move_carries_the_token_along);
    RUN(a_token_that_was_moved_from_is_empty);
    RUN(a_token_that_was_moved_from_can_be_assigned_to);
    RUN(a_wrong_secret_is_an_invalid_client);
    RUN(an_error_carries_the_http_status_and_the_oauth_code);
    RUN(an_error_says_no_secret);
    RUN(an_error_carries_the_servers_own_words);
    RUN(an_error_carries_how_long_to_wait);
    RUN(an_error_without_an_answer_has_no_http_status);
    RUN(an_error_is_caught_as_a_runtime_error);
    RUN(a_copy_of_an_error_outlives_the_original);
    RUN(an_error_that_was_moved_from_can_be_asked);
    RUN(an_error_of_ones_own_has_a_status_and_a_message);
    RUN(an_error_of_a_status_alone_has_its_fixed_message);
    RUN(a_null_id_is_refused);
    RUN(a_null_secret_is_refused);
    RUN(two_nulls_are_not_taken_for_the_environment);
    RUN(an_empty_view_is_an_empty_secret);
    RUN(an_id_with_a_nul_is_refused);
    RUN(a_secret_with_a_nul_is_refused_and_not_cut);
    RUN(options_that_were_moved_from_are_not_taken_for_the_defaults);
    RUN(the_library_is_of_the_headers_version);
    RUN(a_check_hands_out_every_step);
    RUN(a_check_throws_the_first_wrong_step);
    RUN(a_handler_that_throws_or_wants_no_more_ends_the_check);
    return CHECKS_EXIT_CODE;
}
