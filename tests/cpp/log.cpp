/* Who hears log messages, for how long, and what becomes of what a handler throws. */
#include <cstdlib>
#include <vector>

#include "check.hpp"

using namespace std::chrono_literals;
using sm::log_level;

static std::string client_id, client_secret;

struct message {
    log_level level;
    std::string text;
};

/* A log that a handler writes, and that can be read when the handler is gone. */
struct record {
    std::shared_ptr<std::vector<message>> messages = std::make_shared<std::vector<message>>();

    sm::log_handler handler() const
    {
        return [kept = messages](log_level level, std::string_view text) {
            kept->push_back({level, std::string(text)});
        };
    }

    /* Handlers that are alive. */
    long handlers() const { return messages.use_count() - 1; }
};

static sm::options trusting_options()
{
    return sm::options{}.ca_file(given("SM_TOKEN_CA_FILE"));
}

static sm::token fetch_token(const sm::options &options)
{
    return sm::fetch(client_id, client_secret, options);
}

/* ---- hearing ---- */

/* contract: log */
CHECK(a_handler_hears_of_a_token_at_level_info)
{
    const record heard;
    fetch_token(trusting_options().log(log_level::info, heard.handler()));

    EXPECT_INT(heard.messages->size(), 1);
    EXPECT(heard.messages->front().level == log_level::info);
    EXPECT_MENTION(heard.messages->front().text.c_str(), "token");
}

CHECK(a_handler_hears_no_less_important_level_than_it_wants)
{
    const record heard;
    fetch_token(trusting_options().log(log_level::warn, heard.handler()));

    EXPECT_INT(heard.messages->size(), 0);
}

/* contract: log-no-secret */
CHECK(a_handler_hears_no_secret_and_no_token)
{
    const record heard;
    const sm::token token = fetch_token(trusting_options().log(log_level::debug, heard.handler()));

    EXPECT(!heard.messages->empty());
    for (const message &message : *heard.messages) {
        EXPECT_NO_MENTION(message.text.c_str(), client_secret.c_str());
        EXPECT_NO_MENTION(message.text.c_str(), token.access_token().data());
    }
}

CHECK(a_new_handler_takes_the_place_of_the_old_one)
{
    const record old, heard;
    auto options = trusting_options().log(log_level::info, old.handler());
    options.log(log_level::info, heard.handler());
    fetch_token(options);

    EXPECT_INT(old.messages->size(), 0);
    EXPECT_INT(heard.messages->size(), 1);
}

CHECK(an_empty_handler_silences)
{
    const record heard;
    auto options = trusting_options().log(log_level::info, heard.handler());
    options.log(log_level::info, nullptr);
    fetch_token(options);

    EXPECT_INT(heard.messages->size(), 0);
}

/* ---- throwing ---- */

/* contract: log-raises */
CHECK(an_exception_of_a_handler_does_not_disturb_the_fetch)
{
    bool called = false;
    const sm::token token = fetch_token(trusting_options().log(log_level::debug, [&](log_level, std::string_view) {
        called = true;
        throw std::runtime_error("from the handler");
    }));

    EXPECT(called);
    EXPECT_TEXT(token.type(), "Bearer");
}

CHECK(what_a_handler_throws_may_be_anything)
{
    bool called = false;
    const sm::token token = fetch_token(trusting_options().log(log_level::debug, [&](log_level, std::string_view) {
        called = true;
        throw 7;
    }));

    EXPECT(called);
    EXPECT_TEXT(token.type(), "Bearer");
}

CHECK(an_exception_of_a_handler_does_not_hide_the_error)
{
    const auto options = trusting_options().log(log_level::debug, [](log_level, std::string_view) { throw 7; });
    EXPECT_ERROR(sm::fetch(client_id, "not the secret", options), SM_ERROR_INVALID_CLIENT, "");
}

/* ---- how long a handler lives ---- */

CHECK(a_handler_lives_as_long_as_its_options)
{
    const record heard;
    {
        const auto options = sm::options{}.log(log_level::info, heard.handler());
        EXPECT_INT(heard.handlers(), 1);
    }
    EXPECT_INT(heard.handlers(), 0);
}

CHECK(a_handler_moves_with_its_options)
{
    const record heard;
    sm::options to;
    {
        auto from = trusting_options().log(log_level::info, heard.handler());
        to = std::move(from);
    }
    fetch_token(to);

    EXPECT_INT(heard.handlers(), 1);
    EXPECT_INT(heard.messages->size(), 1);
}

CHECK(a_handler_that_was_replaced_is_gone)
{
    const record old;
    auto options = sm::options{}.log(log_level::info, old.handler());
    options.log(log_level::info, [](log_level, std::string_view) {});

    EXPECT_INT(old.handlers(), 0);
}

CHECK(a_refused_level_keeps_the_old_handler)
{
    const record heard;
    auto options = trusting_options().log(log_level::info, heard.handler());
    EXPECT_ERROR(options.log(static_cast<log_level>(7), nullptr), SM_ERROR_INVALID_ARGUMENT, "level");
    fetch_token(options);

    EXPECT_INT(heard.messages->size(), 1);
}

/* ---- the handler of a client ---- */

static sm::client client_that_logs(const record &heard)
{
    return sm::client(client_id, client_secret, trusting_options().log(log_level::info, heard.handler()));
}

CHECK(a_client_keeps_its_handler_when_the_options_are_gone)
{
    const record heard;
    const sm::client client = client_that_logs(heard);
    client.token();

    EXPECT_INT(heard.handlers(), 1);
    EXPECT_INT(heard.messages->size(), 1);
}

CHECK(a_client_keeps_its_handler_when_the_options_get_another)
{
    const record heard;
    auto options = trusting_options().log(log_level::info, heard.handler());
    const sm::client client(client_id, client_secret, options);
    options.log(log_level::info, nullptr);
    client.token();

    EXPECT_INT(heard.messages->size(), 1);
}

CHECK(a_handler_is_gone_with_its_client)
{
    const record heard;
    {
        const sm::client client = client_that_logs(heard);
    }
    EXPECT_INT(heard.handlers(), 0);
}

CHECK(an_assignment_ends_the_old_clients_handler_and_brings_its_own)
{
    const record old, heard;
    sm::client client = client_that_logs(old);
    client = client_that_logs(heard);
    client.token();

    EXPECT_INT(old.handlers(), 0);
    EXPECT_INT(old.messages->size(), 0);
    EXPECT_INT(heard.messages->size(), 1);
}

CHECK(an_exception_of_a_handler_does_not_disturb_a_client)
{
    bool called = false;
    const auto options = trusting_options().log(log_level::debug, [&](log_level, std::string_view) {
        called = true;
        throw 7;
    });
    const sm::client client(client_id, client_secret, options);

    EXPECT_TEXT(client.token().type(), "Bearer");
    EXPECT(called);
}

int main()
{
    client_id = given("SMX_CLIENT_ID");
    client_secret = given("SMX_CLIENT_SECRET");

    RUN(a_handler_hears_of_a_token_at_level_info);
    RUN(a_handler_hears_no_less_important_level_than_it_wants);
    RUN(a_handler_hears_no_secret_and_no_token);
    RUN(a_new_handler_takes_the_place_of_the_old_one);
    RUN(an_empty_handler_silences);
    RUN(an_exception_of_a_handler_does_not_disturb_the_fetch);
    RUN(what_a_handler_throws_may_be_anything);
    RUN(an_exception_of_a_handler_does_not_hide_the_error);
    RUN(a_handler_lives_as_long_as_its_options);
    RUN(a_handler_moves_with_its_options);
    RUN(a_handler_that_was_replaced_is_gone);
    RUN(a_refused_level_keeps_the_old_handler);
    RUN(a_client_keeps_its_handler_when_the_options_are_gone);
    RUN(a_client_keeps_its_handler_when_the_options_get_another);
    RUN(a_handler_is_gone_with_its_client);
    RUN(an_assignment_ends_the_old_clients_handler_and_brings_its_own);
    RUN(an_exception_of_a_handler_does_not_disturb_a_client);
    return CHECKS_EXIT_CODE;
}
