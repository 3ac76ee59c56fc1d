/* A client in a host that may not block: bounded waits, waits that end early, and callbacks. */
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <limits>
#include <memory>
#include <thread>

#include "check.hpp"

using namespace std::chrono_literals;

static sm::options trusting_options()
{
    return sm::options{}.ca_file(given("SM_TOKEN_CA_FILE"));
}

/* A client of a server that never answers. */
static sm::client waiting_client(sm::options options = trusting_options())
{
    return sm::client("id", "secret", std::move(options).base_url(given("SM_TOKEN_SILENT_URL")));
}

/* ---- bounded waits ---- */

CHECK(a_wait_that_is_long_enough_gets_the_token)
{
    const sm::client client(trusting_options());

    EXPECT_TEXT(client.token_within(20s).type(), "Bearer");
    EXPECT(client.authorization_within(0s) == client.authorization());
    EXPECT(client.token_within(std::chrono::hours::max()).authorization() == client.authorization());
    EXPECT(client.authorization_within(std::chrono::duration<double>(1e300)) == client.authorization());
}

/* contract: wait-bounded */
CHECK(a_wait_ends_while_the_request_goes_on)
{
    const sm::client client = waiting_client();

    for (const auto wait : {0ms, 1ms, 100ms}) {
        const auto failure = error_of([&] { client.token_within(wait); });
        EXPECT(failure.has_value());
        EXPECT_INT(failure->status(), SM_ERROR_TIMEOUT);
        EXPECT(failure->retryable());
        EXPECT(!failure->retry_after().has_value());
    }
    EXPECT_ERROR(client.authorization_within(0.5us), SM_ERROR_TIMEOUT, "goes on");
}

CHECK(a_negative_wait_is_refused)
{
    const sm::client client = waiting_client();

    EXPECT_ERROR(client.token_within(-1ns), SM_ERROR_INVALID_ARGUMENT, "wait");
    EXPECT_ERROR(client.authorization_within(-1h), SM_ERROR_INVALID_ARGUMENT, "wait");
    EXPECT_ERROR(client.token_within(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
                 SM_ERROR_INVALID_ARGUMENT, "wait");
}

/* ---- waits that the host ends ---- */

/* contract: wait-interrupted */
CHECK(a_handler_lets_a_caller_go_on_its_own_thread)
{
    const auto here = std::this_thread::get_id();
    auto elsewhere = std::make_shared<std::atomic<int>>(0);
    auto asked = std::make_shared<std::atomic<int>>(0);
    sm::options options = trusting_options().keep_waiting([=] {
        *elsewhere += std::this_thread::get_id() != here;
        return ++*asked < 3;
    });

    EXPECT_ERROR(sm::fetch("id", "secret", options.base_url(given("SM_TOKEN_SILENT_URL"))), SM_ERROR_CANCELED,
                 "canceled");
    EXPECT_INT(*asked, 3);
    EXPECT_ERROR(waiting_client(std::move(options)).token(), SM_ERROR_CANCELED, "canceled");
    EXPECT_INT(*asked, 4);
    EXPECT_INT(*elsewhere, 0);
}

CHECK(a_handler_that_throws_lets_the_caller_go)
{
    EXPECT_ERROR(waiting_client(trusting_options().keep_waiting([]() -> bool { throw 1; })).token(),
                 SM_ERROR_CANCELED, "canceled");
}

CHECK(an_empty_handler_is_asked_by_nobody)
{
    sm::options options = trusting_options().keep_waiting([] { return false; }).timeout(300ms).max_retries(0);

    options.keep_waiting(nullptr);
    EXPECT_ERROR(waiting_client(std::move(options)).token(), SM_ERROR_TIMEOUT, "");
}

/* ---- callbacks ---- */

/* The outcome, as a callback hears it. */
static std::future<sm::outcome> outcome_of(const sm::client &client)
{
    auto heard = std::make_shared<std::promise<sm::outcome>>();
    auto future = heard->get_future();

    client.when_ready([heard](sm::outcome outcome) { heard->set_value(std::move(outcome)); });
    return future;
}

/* contract: wait-async */
CHECK(a_callback_hears_the_token)
{
    const sm::client client(trusting_options());

    for (int i = 0; i < 2; i++) {
        sm::outcome outcome = outcome_of(client).get();
        EXPECT(outcome && outcome.error() == nullptr);
        EXPECT(std::move(outcome).token().authorization() == client.authorization());
    }
}

CHECK(a_callback_hears_the_error)
{
    const sm::client client(given("SMX_CLIENT_ID"), "wrong", trusting_options());
    sm::outcome outcome = outcome_of(client).get();

    EXPECT(!outcome && outcome.error() != nullptr);
    EXPECT_INT(outcome.error()->status(), SM_ERROR_INVALID_CLIENT);
    EXPECT_ERROR(std::move(outcome).token(), SM_ERROR_INVALID_CLIENT, "");
}

CHECK(a_callback_is_canceled_when_its_client_is_destroyed)
{
    auto client = std::make_unique<sm::client>(waiting_client());
    std::future<sm::outcome> outcome = outcome_of(*client);

    client.reset();
    EXPECT_INT(outcome.get().error()->status(), SM_ERROR_CANCELED);
}

CHECK(a_callback_that_throws_harms_nobody)
{
    const sm::client client(trusting_options());

    client.when_ready([](const sm::outcome &) { throw 1; });
    EXPECT(static_cast<bool>(outcome_of(client).get()));
}

CHECK(a_callback_may_destroy_its_client)
{
    auto client = std::make_shared<sm::client>(trusting_options());
    std::promise<long> users;
    auto last = std::make_unique<std::shared_ptr<sm::client>>(client);
    const sm::client &named = *client;

    client.reset();
    named.when_ready([&users, last = std::shared_ptr<std::shared_ptr<sm::client>>(std::move(last))](auto) {
        last->reset();
        users.set_value(last->use_count());
    });
    EXPECT_INT(users.get_future().get(), 0);
}

CHECK(no_callback_is_refused)
{
    const sm::client client(trusting_options());
    sm::client shut_down(trusting_options());

    shut_down.shutdown();
    EXPECT_ERROR(client.when_ready(nullptr), SM_ERROR_INVALID_ARGUMENT, "ready");
    EXPECT_ERROR(shut_down.when_ready([](auto) {}), SM_ERROR_CANCELED, "");
}

int main()
{
    RUN(a_wait_that_is_long_enough_gets_the_token);
    RUN(a_wait_ends_while_the_request_goes_on);
    RUN(a_negative_wait_is_refused);
    RUN(a_handler_lets_a_caller_go_on_its_own_thread);
    RUN(a_handler_that_throws_lets_the_caller_go);
    RUN(an_empty_handler_is_asked_by_nobody);
    RUN(a_callback_hears_the_token);
    RUN(a_callback_hears_the_error);
    RUN(a_callback_is_canceled_when_its_client_is_destroyed);
    RUN(a_callback_that_throws_harms_nobody);
    RUN(a_callback_may_destroy_its_client);
    RUN(no_callback_is_refused);
    return CHECKS_EXIT_CODE;
}
