/* The checks of the C programs, for code that throws: what a check lets escape is its failure. */
#ifndef CHECK_HPP
#define CHECK_HPP

#include <exception>
#include <optional>
#include <string>

#include <sm_token.hpp>

#include "../c/check.h"
#include "../c/portable.h"

template <class Check>
void check_without_escape(const Check &check)
{
    try {
        check();
    } catch (const std::exception &escaped) {
        check_failed(__FILE__, __LINE__, "threw: %s", escaped.what());
    } catch (...) {
        check_failed(__FILE__, __LINE__, "threw what is no std::exception");
    }
}

#undef RUN
#define RUN(name) check_run(#name, [] { check_without_escape(name); })

#undef EXPECT_TEXT
#define EXPECT_TEXT(actual, expected)                                                                       \
    do {                                                                                                    \
        const std::string is(actual), should_be(expected);                                                  \
        if (is != should_be) {                                                                              \
            check_failed(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #actual, is.c_str(), should_be.c_str()); \
            return;                                                                                         \
        }                                                                                                   \
    } while (0)

/* The error that an action throws; nothing where it throws none. */
template <class Action>
std::optional<sm::error> error_of(const Action &action)
{
    try {
        action();
    } catch (const sm::error &error) {
        return error;
    }
    return std::nullopt;
}

/* The action is refused with this status, and the message names what was wrong. */
#define EXPECT_ERROR(action, expected_status, mention)                          \
    do {                                                                        \
        const std::optional<sm::error> failure = error_of([&] { action; });     \
        if (!failure) {                                                         \
            check_failed(__FILE__, __LINE__, "%s throws no sm::error", #action); \
            return;                                                             \
        }                                                                       \
        EXPECT_INT(failure->status(), expected_status);                         \
        EXPECT_MENTION(failure->what(), mention);                               \
    } while (0)

/* A variable of the environment that the test gives. */
inline std::string given(const char *name)
{
    const char *value = environment_text(name);
    if (value == nullptr)
        throw std::runtime_error(std::string(name) + " is not set");
    return value;
}

/* The base URL of a script of the server that misbehaves, played from its start for each check of each run. */
inline std::string misbehaving(const char *script)
{
    return given("SM_TOKEN_MISBEHAVING_URL") + "/" + script + "~" + given("SM_TOKEN_RUN") + "-" + check_name;
}

#endif
