/* What the compiler can tell about the types. It is compiled, not run. */
#include <type_traits>

#include <sm_token.hpp>

using namespace std::chrono_literals;

template <class From, class To>
constexpr bool becomes = std::is_convertible_v<From, To>;

/* ---- handles move, without throwing, and are not copied ---- */

template <class Handle>
constexpr bool is_move_only =
    std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle> &&
    std::is_nothrow_destructible_v<Handle> && !std::is_copy_constructible_v<Handle> &&
    !std::is_copy_assignable_v<Handle>;

static_assert(is_move_only<sm::token>);
static_assert(is_move_only<sm::options>);
static_assert(is_move_only<sm::client>);

/* ---- an error is a value ---- */

static_assert(std::is_base_of_v<std::runtime_error, sm::error>);
static_assert(std::is_nothrow_copy_constructible_v<sm::error>);
static_assert(std::is_nothrow_copy_assignable_v<sm::error>);
static_assert(std::is_nothrow_move_constructible_v<sm::error>);
static_assert(std::is_nothrow_move_assignable_v<sm::error>);

static_assert(std::is_same_v<decltype(std::declval<const sm::error &>().status()), sm_status>);
static_assert(std::is_same_v<decltype(std::declval<const sm::error &>().retryable()), bool>);
static_assert(std::is_same_v<decltype(std::declval<const sm::error &>().retry_after()),
                             std::optional<std::chrono::milliseconds>>);

/* ---- asking costs nothing and can't fail ---- */

static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().access_token()), std::string_view>);
static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().authorization()), std::string_view>);
static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().type()), std::string_view>);
static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().scope()), std::string_view>);
static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().expires_in()), std::chrono::seconds>);
static_assert(std::is_same_v<decltype(std::declval<const sm::token &>().expires_at()),
                             std::chrono::system_clock::time_point>);

static_assert(noexcept(std::declval<const sm::token &>().authorization()));
static_assert(noexcept(std::declval<const sm::token &>().expires_in()));
static_assert(noexcept(std::declval<const sm::token &>().expires_at()));
static_assert(noexcept(std::declval<const sm::error &>().retry_after()));
static_assert(noexcept(sm::version()));

/* ---- a const client can be asked; whoever ends or invalidates it needs more ---- */

static_assert(std::is_same_v<decltype(std::declval<const sm::client &>().token()), sm::token>);
static_assert(std::is_same_v<decltype(std::declval<const sm::client &>().authorization()), std::string>);
static_assert(noexcept(std::declval<sm::client &>().invalidate(std::declval<const sm::token &>())));
static_assert(noexcept(std::declval<sm::client &>().invalidate()));
static_assert(noexcept(std::declval<sm::client &>().shutdown()));
static_assert(std::is_default_constructible_v<sm::client>);

/* ---- setters chain: a name stays one, a temporary is passed on whole and can't dangle ---- */

static_assert(std::is_same_v<decltype(std::declval<sm::options &>().timeout(1s)), sm::options &>);
static_assert(std::is_same_v<decltype(std::declval<sm::options>().timeout(1s)), sm::options>);
static_assert(std::is_same_v<decltype(std::declval<sm::options &>().scope("")), sm::options &>);
static_assert(std::is_same_v<decltype(std::declval<sm::options>().scope("")), sm::options>);

/* ---- what a text and a duration are taken from ---- */

static_assert(becomes<const char *, sm::text>);
static_assert(becomes<char[8], sm::text>);
static_assert(becomes<std::string, sm::text>);
static_assert(becomes<const std::string &, sm::text>);
static_assert(becomes<std::string_view, sm::text>);
static_assert(!becomes<int, sm::text>);
static_assert(!becomes<char, sm::text>);

static_assert(becomes<std::chrono::hours, sm::duration>);
static_assert(becomes<std::chrono::nanoseconds, sm::duration>);
static_assert(becomes<std::chrono::duration<float>, sm::duration>);
static_assert(!becomes<int, sm::duration>);

/* ---- the constants are those of C ---- */

static_assert(static_cast<std::int32_t>(sm::log_level::off) == SM_LOG_OFF);
static_assert(static_cast<std::int32_t>(sm::log_level::error) == SM_LOG_ERROR);
static_assert(static_cast<std::int32_t>(sm::log_level::warn) == SM_LOG_WARN);
static_assert(static_cast<std::int32_t>(sm::log_level::info) == SM_LOG_INFO);
static_assert(static_cast<std::int32_t>(sm::log_level::debug) == SM_LOG_DEBUG);
static_assert(static_cast<std::int32_t>(sm::trust::system) == SM_TRUST_SYSTEM);
static_assert(static_cast<std::int32_t>(sm::trust::bundled) == SM_TRUST_BUNDLED);
