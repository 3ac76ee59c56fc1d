/* A client, from the real server and from one that misbehaves. */
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "check.hpp"

using namespace std::chrono_literals;

static std::string client_id, client_secret, base_url, ca_file;

static sm::options trusting_options()
{
    return sm::options{}.base_url(base_url).ca_file(ca_file);
}

static sm::client real_client()
{
    return sm::client(client_id, client_secret, trusting_options());
}

/* A client of a server that misbehaves; each of its flights is one request. */
static sm::client client_of(const char *script)
{
    return sm::client("id", "secret", trusting_options().base_url(misbehaving(script)).max_retries(0));
}

/* ---- the token that it keeps ---- */

CHECK(a_client_hands_out_a_token)
{
    EXPECT_TEXT(real_client().token().type(), "Bearer");
}

/* contract: cached */
CHECK(a_client_keeps_its_token)
{
    const sm::client client = real_client();

    EXPECT(client.token().access_token() == client.token().access_token());
}

CHECK(authorization_is_that_of_the_token)
{
    const sm::client client = real_client();
    const std::string authorization = client.authorization();

    EXPECT(authorization.size() > std::strlen("Bearer "));
    EXPECT(client.token().authorization() == authorization);
}

/* contract: authorization-whole */
CHECK(the_longest_authorization_is_whole)
{
    const sm::client client("id", "secret", trusting_options().base_url(given("SM_TOKEN_LONGEST_TOKEN_URL")));

    EXPECT_INT(client.authorization().size(), std::strlen("Bearer ") + 16 * 1024);
    EXPECT(client.token().authorization() == client.authorization());
}

CHECK(a_token_outlives_its_client)
{
    auto client = std::make_unique<sm::client>(real_client());
    const sm::token token = client->token();
    client.reset();

    EXPECT_TEXT(token.type(), "Bearer");
}

CHECK(a_client_without_arguments_reads_the_environment)
{
    const sm::client client;

    EXPECT_TEXT(client.token().type(), "Bearer");
}

CHECK(a_client_with_options_alone_reads_the_credentials_from_the_environment)
{
    const sm::client client(sm::options{}.ca_file(ca_file));

    EXPECT_TEXT(client.token().type(), "Bearer");
}

CHECK(a_client_needs_its_options_no_longer)
{
    auto options = std::make_unique<sm::options>(trusting_options());
    const sm::client client(client_id, client_secret, *options);
    options.reset();

    EXPECT_TEXT(client.token().type(), "Bearer");
}

CHECK(many_threads_get_one_token)
{
    const sm::client client = real_client();
    std::vector<std::string> got(8);
    std::vector<std::thread> threads;
    for (std::string &authorization : got)
        threads.emplace_back([&client, &authorization] { authorization = client.authorization(); });
    for (std::thread &thread : threads)
        thread.join();

    for (const std::string &authorization : got) {
        EXPECT(!authorization.empty());
        EXPECT(authorization == got.front());
    }
}

/* ---- failures ---- */

CHECK(a_wrong_secret_is_an_invalid_client)
{
    const sm::client client(client_id, "not the secret", trusting_options());

    EXPECT_ERROR(client.token(), SM_ERROR_INVALID_CLIENT, "");
    EXPECT_ERROR(client.authorization(), SM_ERROR_INVALID_CLIENT, "");
}

CHECK(other_credentials_make_up_for_a_refusal_at_once)
{
    sm::client client(client_id, "not the secret", trusting_options());
    EXPECT_ERROR(client.token(), SM_ERROR_INVALID_CLIENT, "");

    EXPECT_ERROR(client.credentials(client_id, nullptr), SM_ERROR_INVALID_ARGUMENT, "client_secret");
    client.credentials(client_id, client_secret);

    EXPECT_TEXT(client.token().type(), "Bearer");
}

/* contract: remembered */
CHECK(a_remembered_failure_tells_how_long_to_wait)
{
    const sm::client client = client_of("invalid-client");
    EXPECT_ERROR(client.token(), SM_ERROR_INVALID_CLIENT, "");
    const auto failure = error_of([&] { client.token(); });

    EXPECT(failure.has_value());
    EXPECT(failure->retry_after() > 30s);
    EXPECT(failure->retry_after() <= 60s);
}

/* contract: trust-roots */
CHECK(a_ca_file_that_is_missing_is_no_client)
{
    EXPECT_ERROR(sm::client(client_id, client_secret, sm::options{}.ca_file("/no/such/file")),
                 SM_ERROR_NO_TRUST_ROOTS, "/no/such/file");
}

CHECK(null_credentials_are_not_taken_for_the_environment)
{
    const char *missing = nullptr;

    EXPECT_ERROR(sm::client(missing, missing, trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_id");
    EXPECT_ERROR(sm::client("id", missing, trusting_options()), SM_ERROR_INVALID_ARGUMENT, "client_secret");
}

CHECK(a_secret_with_a_nul_is_refused_and_not_cut)
{
    EXPECT_ERROR(sm::client(client_id, client_secret + '\0', trusting_options()), SM_ERROR_INVALID_ARGUMENT,
                 "client_secret");
}

/* ---- invalidation ---- */

/* contract: invalidate */
CHECK(an_invalidated_token_is_replaced)
{
    sm::client client = real_client();
    const sm::token refused = client.token();
    client.invalidate(refused);

    EXPECT(client.token().access_token() != refused.access_token());
}

CHECK(an_invalidated_authorization_is_replaced)
{
    sm::client client = real_client();
    const std::string refused = client.authorization();
    client.invalidate(refused);

    EXPECT(client.authorization() != refused);
}

/* contract: invalidate-old */
CHECK(another_token_than_the_current_one_invalidates_nothing)
{
    sm::client client = real_client();
    const std::string current = client.authorization();
    client.invalidate(sm::fetch(client_id, client_secret, trusting_options()));
    client.invalidate("Bearer of another token");
    client.invalidate("");

    EXPECT(client.authorization() == current);
}

CHECK(a_token_that_was_moved_from_invalidates_nothing)
{
    sm::client client = real_client();
    sm::token from = client.token();
    const sm::token to = std::move(from);
    client.invalidate(from);

    EXPECT(client.authorization() == to.authorization());
}

CHECK(a_null_text_invalidates_nothing_and_is_refused)
{
    sm::client client = real_client();
    const std::string current = client.authorization();
    const char *missing = nullptr;

    EXPECT_ERROR(client.invalidate(missing), SM_ERROR_INVALID_ARGUMENT, "authorization");
    EXPECT(client.authorization() == current);
}

/* contract: invalidate-all */
CHECK(invalidate_without_arguments_drops_whichever_is_current)
{
    sm::client client = real_client();
    const std::string current = client.authorization();
    client.invalidate();

    EXPECT(client.authorization() != current);
}

CHECK(invalidate_without_arguments_forgets_a_failure)
{
    sm::client client = client_of("busy-then-token");
    EXPECT_ERROR(client.token(), SM_ERROR_SERVER, "");
    EXPECT_ERROR(client.token(), SM_ERROR_SERVER, "");
    client.invalidate();

    EXPECT_TEXT(client.token().type(), "Bearer");
}

/* ---- shutdown ---- */

/* contract: shutdown */
CHECK(after_shutdown_a_client_is_canceled)
{
    sm::client client = real_client();
    client.token();
    client.shutdown();

    EXPECT_ERROR(client.token(), SM_ERROR_CANCELED, "");
    EXPECT_ERROR(client.authorization(), SM_ERROR_CANCELED, "");
}

CHECK(shutdown_lets_a_caller_go_that_waits)
{
    sm::client client = client_of("hang-before-headers");
    std::optional<sm::error> failure;
    const auto start = std::chrono::steady_clock::now();
    std::thread caller([&] { failure = error_of([&] { client.token(); }); });
    client.shutdown();
    caller.join();

    EXPECT(failure.has_value());
    EXPECT_INT(failure->status(), SM_ERROR_CANCELED);
    EXPECT(std::chrono::steady_clock::now() - start < 10s);
}

/* ---- moves ---- */

CHECK(a_move_carries_the_kept_token_along)
{
    sm::client from = real_client();
    const std::string kept = from.authorization();
    const sm::client to = std::move(from);

    EXPECT(to.authorization() == kept);
}

CHECK(a_client_that_was_moved_from_refuses_and_does_not_crash)
{
    sm::client from = real_client();
    const sm::client to = std::move(from);

    EXPECT_ERROR(from.token(), SM_ERROR_INVALID_ARGUMENT, "client");
    EXPECT_ERROR(from.authorization(), SM_ERROR_INVALID_ARGUMENT, "client");
    from.invalidate(to.token());
    from.invalidate("Bearer");
    from.invalidate();
    from.shutdown();
    EXPECT_TEXT(to.token().type(), "Bearer");
}

CHECK(a_client_that_was_moved_from_can_be_assigned_to)
{
    sm::client from = real_client();
    const sm::client to = std::move(from);
    from = real_client();

    EXPECT_TEXT(from.token().type(), "Bearer");
}

int main()
{
    client_id = given("SMX_CLIENT_ID");
    client_secret = given("SMX_CLIENT_SECRET");
    base_url = given("SMX_BASE_URL");
    ca_file = given("SM_TOKEN_CA_FILE");

    RUN(a_client_hands_out_a_token);
    RUN(a_client_keeps_its_token);
    RUN(authorization_is_that_of_the_token);
    RUN(the_longest_authorization_is_whole);
    RUN(a_token_outlives_its_client);
    RUN_BY_SYSTEM_STORE(a_client_without_arguments_reads_the_environment);
    RUN(a_client_with_options_alone_reads_the_credentials_from_the_environment);
    RUN(a_client_needs_its_options_no_longer);
    RUN(many_threads_get_one_token);
    RUN(a_wrong_secret_is_an_invalid_client);
    RUN(other_credentials_make_up_for_a_refusal_at_once);
    RUN(a_remembered_failure_tells_how_long_to_wait);
    RUN(a_ca_file_that_is_missing_is_no_client);
    RUN(null_credentials_are_not_taken_for_the_environment);
    RUN(a_secret_with_a_nul_is_refused_and_not_cut);
    RUN(an_invalidated_token_is_replaced);
    RUN(an_invalidated_authorization_is_replaced);
    RUN(another_token_than_the_current_one_invalidates_nothing);
    RUN(a_token_that_was_moved_from_invalidates_nothing);
    RUN(a_null_text_invalidates_nothing_and_is_refused);
    RUN(invalidate_without_arguments_drops_whichever_is_current);
    RUN(invalidate_without_arguments_forgets_a_failure);
    RUN(after_shutdown_a_client_is_canceled);
    RUN(shutdown_lets_a_caller_go_that_waits);
    RUN(a_move_carries_the_kept_token_along);
    RUN(a_client_that_was_moved_from_refuses_and_does_not_crash);
    RUN(a_client_that_was_moved_from_can_be_assigned_to);
    return CHECKS_EXIT_CODE;
}
