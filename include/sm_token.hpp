/*
 * sm_token.hpp: access tokens for the Standard Metrics API, in C++17 and newer.
 *
 *     sm::token token = sm::fetch();                // credentials from SMX_CLIENT_ID, SMX_CLIENT_SECRET
 *     request.header("Authorization", token.authorization());
 *
 * Everything here is inline, over the functions of sm_token.h alone: link libsm_token.
 *
 * Errors. What fails throws sm::error, which holds a status (one of the SM_ERROR_ constants) and a
 * text for a person. Nothing else is thrown, but std::bad_alloc.
 *
 * Ownership. Each object owns its handle and frees it; it can be moved, not copied. One that was
 * moved from may be destroyed, assigned to, and read: its texts are empty, its numbers 0. A
 * std::string_view that an object returns is valid as long as that object, and has a NUL at its end.
 *
 * Text is UTF-8. One that holds a NUL is refused, never cut.
 *
 * Threads. A const member of any object may be called from any number of threads at once.
 *
 * No error and no log line holds a secret, a token or a proxy password.
 */

#ifndef SM_TOKEN_HPP
#define SM_TOKEN_HPP

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sm_token.h"

// Lets clang warn where a view outlives what it was borrowed from.
#if __has_cpp_attribute(clang::lifetimebound)
#define SM_TOKEN_BORROWED [[clang::lifetimebound]]
#else
#define SM_TOKEN_BORROWED
#endif

namespace sm {

/// Returns the version of the library that runs, as "MAJOR.MINOR.PATCH"; that of this header is in
/// SM_TOKEN_VERSION_MAJOR, _MINOR and _PATCH.
inline std::string_view version() noexcept
{
    return sm_version();
}

// ---- error ----

/// Why a call failed. what() says in one line what happened, to what, and what to do.
class error : public std::runtime_error {
public:
    /// An error with a message of the caller, for code that translates errors and for tests.
    error(sm_status status, const std::string &message)
        : std::runtime_error(message), status_(status), details_(std::make_shared<const details>())
    {
    }

    /// Copies what an error of the C interface says; for NULL, what is known about the status.
    error(sm_status status, const sm_error *handle)
        : std::runtime_error(handle ? sm_error_message(handle) : sm_status_message(status)),
          status_(status), details_(std::make_shared<const details>(handle))
    {
    }

    // A move is a copy: what was moved from can still be read.
    error(const error &) noexcept = default;
    error &operator=(const error &) noexcept = default;

    /// One of the SM_ERROR_ constants.
    sm_status status() const noexcept { return status_; }

    /// The HTTP status code of the server's answer, 100 to 999; 0 where no answer came.
    int http_status() const noexcept { return details_->http_status; }

    /// The server's OAuth error code (RFC 6749 section 5.2), such as "invalid_client"; else "".
    const std::string &oauth_code() const noexcept SM_TOKEN_BORROWED { return details_->oauth_code; }

    /// The server's description of its OAuth error (RFC 6749 section 5.2); else "".
    const std::string &oauth_description() const noexcept SM_TOKEN_BORROWED { return details_->oauth_description; }

    /// Whether the same call may succeed later without any change.
    bool retryable() const noexcept { return details_->retryable; }

    /// How long to wait before the next try, from the server or from a remembered failure; empty
    /// where neither gives one.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept { return details_->retry_after; }

private:
    struct details {
        details() = default;

        explicit details(const sm_error *handle)
            : http_status(sm_error_http_status(handle)), oauth_code(sm_error_oauth_code(handle)),
              oauth_description(sm_error_oauth_description(handle)), retryable(sm_error_is_retryable(handle) != 0)
        {
            if (const std::int64_t wait = sm_error_retry_after_ms(handle); wait >= 0)
                retry_after = std::chrono::milliseconds(wait);
        }

        int http_status = 0;
        std::string oauth_code;
        std::string oauth_description;
        bool retryable = false;
        std::optional<std::chrono::milliseconds> retry_after;
    };

    sm_status status_;
    std::shared_ptr<const details> details_; // shared, so that a copy can't throw; never null
};

namespace detail {

/// Deletes a handle with the C function that frees its type.
template <auto Free>
struct freed_with {
    template <class Handle>
    void operator()(Handle *handle) const noexcept
    {
        Free(handle);
    }
};

template <class Handle, auto Free>
using owned = std::unique_ptr<Handle, freed_with<Free>>;

/// Makes a call of the C interface, `call(&error)`, and throws the error that it hands out.
template <class Call>
void checked(const Call &call)
{
    sm_error *handle = nullptr;
    const sm_status status = call(&handle);
    const owned<sm_error, sm_error_free> failure(handle);
    if (status != SM_OK)
        throw error(status, failure.get());
}

/// As `checked`, for `call(&handle, &error)`: gives the handle, which the caller has to own.
template <class Handle, class Call>
Handle *obtained(const Call &call)
{
    Handle *handle = nullptr;
    checked([&](sm_error **failure) { return call(&handle, failure); });
    return handle;
}

/// Overwrites what may be a secret, in a way that the compiler may not leave out.
inline void wipe(char *start, std::size_t length) noexcept
{
    for (volatile char *byte = start; length != 0; --length)
        *byte++ = '\0';
}

} // namespace detail

// ---- text ----

/// How the functions below take a text: from a string literal or another `const char *`, from a
/// std::string, or from any type that converts to std::string_view. Only a view is copied, since it has
/// no NUL at its end; the copy is wiped. It is for one call: a parameter, never a variable.
class text {
public:
    text(const char *value) noexcept : start_(value) {}

    text(const std::string &value) noexcept
        : start_(value.c_str()), holds_nul_(value.find('\0') != std::string::npos)
    {
    }

    template <class View, class = std::enable_if_t<std::is_convertible_v<const View &, std::string_view> &&
                                                   !std::is_convertible_v<const View &, const char *>>>
    text(const View &value)
        : copy_(static_cast<std::string_view>(value)), start_(copy_.c_str()),
          holds_nul_(copy_.find('\0') != std::string::npos)
    {
    }

    text(const text &) = delete;
    text &operator=(const text &) = delete;

    ~text() { detail::wipe(copy_.data(), copy_.size()); }

    /// The text as the C interface takes it, NULL where it is a null pointer. Throws sm::error
    /// (SM_ERROR_INVALID_ARGUMENT), which names the parameter, for a text that holds a NUL.
    const char *c_str(const char *parameter) const
    {
        if (holds_nul_)
            throw error(SM_ERROR_INVALID_ARGUMENT, parameter + std::string(" holds a NUL"));
        return start_;
    }

    /// As c_str(), but refuses a null pointer too.
    const char *required(const char *parameter) const
    {
        if (start_ == nullptr)
            throw error(SM_ERROR_INVALID_ARGUMENT, parameter + std::string(" is a null pointer"));
        return c_str(parameter);
    }

private:
    std::string copy_;
    const char *start_;
    bool holds_nul_ = false;
};

// ---- options ----

/// Whose certificate authorities are trusted where no CA file is given.
enum class trust : std::int32_t {
    system = SM_TRUST_SYSTEM,   ///< those of the operating system; the default
    bundled = SM_TRUST_BUNDLED, ///< Mozilla's as of the library's build, for systems without a store
};

/// How much a log message matters; lower numbers matter more.
enum class log_level : std::int32_t {
    off = SM_LOG_OFF,     ///< nothing is logged
    error = SM_LOG_ERROR, ///< a call failed
    warn = SM_LOG_WARN,   ///< something failed that the library makes up for
    info = SM_LOG_INFO,   ///< a token was fetched, refreshed, refused or invalidated
    debug = SM_LOG_DEBUG, ///< each attempt
};

/// Receives log messages; the text is valid until it returns. It is called only on a thread that is inside
/// a call to this library, with no lock held, and on several such threads at once. What it throws is
/// dropped, since it can't pass through the library.
using log_handler = std::function<void(log_level level, std::string_view message)>;

/// Decides whether a caller that waits goes on; false lets it go with SM_ERROR_CANCELED. It is asked on the thread of
/// that caller, with no lock held, at least every 100 ms, and on several such threads at once. What it throws lets the
/// caller go too.
using keep_waiting_handler = std::function<bool()>;

/// A duration as the options take it. Every std::chrono duration converts to it, and none overflows.
using duration = std::chrono::duration<double, std::milli>;

class client;

/// What can be chosen about how tokens are fetched.
///
/// Setters chain, on a name and on a temporary, which they pass on by value:
///
///     auto options = sm::options{}.scope("read").timeout(10s);
///     options.ca_file(std::getenv("CA_FILE"));
///
/// A value that may not be throws sm::error (SM_ERROR_INVALID_ARGUMENT), and the old one stays. For
/// every text a null pointer means the default again. What takes options copies them.
class options {
public:
    options() : handle_(sm_options_new()) {}

    /// The server: an https: URL, which may carry a path (a gateway's prefix), but no query, fragment
    /// or credentials. Default: the environment variable SMX_BASE_URL, else
    /// https://api.standardmetrics.io. Throws SM_ERROR_INSECURE_URL for http: to another machine.
    options &base_url(const text &url) &
    {
        return set(sm_options_set_base_url, url.c_str("base_url"));
    }

    /// The scope to ask for (RFC 6749 section 3.3), space separated. Default, and where empty: none,
    /// so that the server chooses.
    options &scope(const text &scope) &
    {
        return set(sm_options_set_scope, scope.c_str("scope"));
    }

    /// The User-Agent header: 1 to 256 characters of printable ASCII. Default: "sm-token/" and the
    /// version.
    options &user_agent(const text &user_agent) &
    {
        return set(sm_options_set_user_agent, user_agent.c_str("user_agent"));
    }

    /// The proxy: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT], with a SCHEME of http (the default),
    /// https, socks5 or socks5h; "" means none. Default: from the environment variables HTTPS_PROXY,
    /// then ALL_PROXY, less NO_PROXY; on Windows then from the user's settings.
    options &proxy(const text &proxy) &
    {
        return set(sm_options_set_proxy, proxy.c_str("proxy"));
    }

    /// A PEM file of certificate authorities that are trusted in place of the system's; read when a
    /// fetch starts or a client is made, where a bad file is SM_ERROR_NO_TRUST_ROOTS. Default: none.
    options &ca_file(const text &path) &
    {
        return set(sm_options_set_ca_file, path.c_str("ca_file"));
    }

    /// The files that hold the client credentials, where a call gives none; they count before the environment's. Both or
    /// neither. Each holds one line of UTF-8, at most 4 KiB; a byte order mark and one line break at its end are dropped.
    /// It is read when a fetch starts and when a client is made, then again for each token request of the client.
    /// Default: none.
    options &credential_files(const text &client_id_file, const text &client_secret_file) &
    {
        const char *id = client_id_file.c_str("client_id_file");
        const char *secret = client_secret_file.c_str("client_secret_file");
        expect_ok(sm_options_set_credential_files(required(), id, secret));
        return *this;
    }

    /// Whose certificate authorities are trusted where no CA file is given. Default: the system's.
    options &trust(sm::trust roots) &
    {
        return set(sm_options_set_trust, static_cast<std::int32_t>(roots));
    }

    /// The deadline of a whole call, retries included: above 0, at most 2^32 - 1 ms. Default: 30 s.
    options &timeout(duration deadline) &
    {
        return set(sm_options_set_timeout_ms, milliseconds(deadline));
    }

    /// How long one connection may take, its resolving, proxy and TLS: above 0, at most 2^32 - 1 ms.
    /// Default: 10 s.
    options &connect_timeout(duration deadline) &
    {
        return set(sm_options_set_connect_timeout_ms, milliseconds(deadline));
    }

    /// How often a request with a temporary failure is sent again, within the timeout: 0 (never) to
    /// 100. Default: 2.
    options &max_retries(std::int64_t retries) &
    {
        // What no uint32_t can hold becomes one that is refused.
        const bool fits = retries >= 0 && retries <= UINT32_MAX;
        return set(sm_options_set_max_retries, fits ? static_cast<std::uint32_t>(retries) : UINT32_MAX);
    }

    /// The handler of log messages, and the least important level that it receives. Default, and for an
    /// empty handler: none. The handler is kept as long as these options and every client made with them.
    options &log(log_level level, log_handler handler) &
    {
        auto shared = handler ? std::make_shared<log_handler>(std::move(handler)) : nullptr;
        expect_ok(sm_options_set_log(required(), shared ? hear : nullptr, shared.get(),
                                     static_cast<std::int32_t>(level)));
        handlers_.log = std::move(shared);
        return *this;
    }

    /// The handler that a waiting caller asks whether to go on. Default, and for an empty handler: none. A client's request
    /// goes on for other callers, that of a fetch is interrupted. The handler lives for as long as anything that took
    /// these options.
    options &keep_waiting(keep_waiting_handler handler) &
    {
        auto shared = handler ? std::make_shared<keep_waiting_handler>(std::move(handler)) : nullptr;
        expect_ok(sm_options_set_keep_waiting(required(), shared ? goes_on : nullptr, shared.get()));
        handlers_.keep_waiting = std::move(shared);
        return *this;
    }

    options base_url(const text &url) && { return std::move(base_url(url)); }
    options scope(const text &value) && { return std::move(scope(value)); }
    options user_agent(const text &value) && { return std::move(user_agent(value)); }
    options proxy(const text &value) && { return std::move(proxy(value)); }
    options ca_file(const text &path) && { return std::move(ca_file(path)); }
    options credential_files(const text &client_id_file, const text &client_secret_file) &&
    {
        return std::move(credential_files(client_id_file, client_secret_file));
    }
    options trust(sm::trust roots) && { return std::move(trust(roots)); }
    options timeout(duration deadline) && { return std::move(timeout(deadline)); }
    options connect_timeout(duration deadline) && { return std::move(connect_timeout(deadline)); }
    options max_retries(std::int64_t retries) && { return std::move(max_retries(retries)); }
    options log(log_level level, log_handler handler) && { return std::move(log(level, std::move(handler))); }
    options keep_waiting(keep_waiting_handler handler) && { return std::move(keep_waiting(std::move(handler))); }

    /// The handle, for calls of the C interface; still owned by this. Throws sm::error
    /// (SM_ERROR_INVALID_ARGUMENT) where this was moved from: the defaults in its place would send a
    /// secret to another server than the one that was chosen.
    const sm_options *get() const SM_TOKEN_BORROWED { return required(); }

private:
    friend class client;

    /// Throws the library's message about why the last setter refused.
    void expect_ok(sm_status status) const
    {
        if (status != SM_OK)
            throw error(status, sm_options_message(handle_.get()));
    }

    template <class Value>
    options &set(sm_status (SM_CALL *setter)(sm_options *, Value), Value value)
    {
        expect_ok(setter(required(), value));
        return *this;
    }

    /// Whole milliseconds, rounded up: a short duration must not become 0. What no uint32_t can hold, and
    /// what is not a number, becomes 0, which is refused.
    static std::uint32_t milliseconds(duration value)
    {
        if (!(value.count() > 0 && value.count() <= UINT32_MAX))
            return 0;
        return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::milliseconds>(value).count());
    }

    static void SM_CALL hear(void *handler, std::int32_t level, const char *message) noexcept
    {
        try {
            (*static_cast<const log_handler *>(handler))(static_cast<log_level>(level), message);
        } catch (...) {
        }
    }

    static std::int32_t SM_CALL goes_on(void *handler) noexcept
    {
        try {
            return (*static_cast<const keep_waiting_handler *>(handler))() ? 1 : 0;
        } catch (...) {
            return 0;
        }
    }

    sm_options *required() const
    {
        if (!handle_)
            throw error(SM_ERROR_INVALID_ARGUMENT, "options were moved from");
        return handle_.get();
    }

    /// The C side knows their addresses.
    struct handlers {
        std::shared_ptr<log_handler> log;
        std::shared_ptr<keep_waiting_handler> keep_waiting;
    };

    detail::owned<sm_options, sm_options_free> handle_;
    handlers handlers_;
};

// ---- token ----

/// An access token. Its memory is wiped when it is destroyed.
class token {
public:
    /// Takes over a token that the C interface handed out.
    explicit token(sm_token *handle) noexcept : handle_(handle) {}

    /// The access token itself.
    std::string_view access_token() const noexcept SM_TOKEN_BORROWED { return sm_token_access_token(get()); }

    /// "Bearer TOKEN", ready for the Authorization header of a request.
    std::string_view authorization() const noexcept SM_TOKEN_BORROWED { return sm_token_authorization(get()); }

    /// The token's type as the server wrote it: "Bearer", in some case.
    std::string_view type() const noexcept SM_TOKEN_BORROWED { return sm_token_type(get()); }

    /// The granted scope, space separated; "" where the server gave none.
    std::string_view scope() const noexcept SM_TOKEN_BORROWED { return sm_token_scope(get()); }

    /// When the token expires, to the second, counted from when the request for it was sent.
    std::chrono::system_clock::time_point expires_at() const noexcept
    {
        return std::chrono::system_clock::time_point(std::chrono::seconds(sm_token_expires_at(get())));
    }

    /// How long the token is still good from now, also after a step of the wall clock; never
    /// below 0.
    std::chrono::seconds expires_in() const noexcept { return std::chrono::seconds(sm_token_expires_in(get())); }

    /// The handle, for calls of the C interface; still owned by this. NULL where this was moved from.
    const sm_token *get() const noexcept SM_TOKEN_BORROWED { return handle_.get(); }

private:
    detail::owned<sm_token, sm_token_free> handle_;
};

// ---- fetch ----

namespace detail {

/// Client credentials as the C interface takes them; both NULL: those of the environment. Made with
/// braces, which evaluate from left to right: of two that are wrong the first is named.
struct credentials {
    const char *id = nullptr;
    const char *secret = nullptr;
};

inline token fetched(credentials given, const options &chosen)
{
    const sm_options *const options = chosen.get();
    return token(obtained<sm_token>([&](sm_token **handle, sm_error **error) {
        return sm_token_fetch(given.id, given.secret, options, handle, error);
    }));
}

} // namespace detail

/// Asks the server for a token and waits for it, at most for the options' timeout: one request, and
/// its retries. The credentials come from the files of the options, else from the environment variables SMX_CLIENT_ID and
/// SMX_CLIENT_SECRET. Throws sm::error with any status. May be called from any thread.
inline token fetch(const options &chosen = {})
{
    return detail::fetched({}, chosen);
}

/// As fetch(options), with these client credentials, of which neither may be a null pointer.
inline token fetch(const text &client_id, const text &client_secret, const options &chosen = {})
{
    return detail::fetched({client_id.required("client_id"), client_secret.required("client_secret")}, chosen);
}

// ---- client ----

/// How a wait ended: with a token, or with the error that says why there is none.
class outcome {
public:
    /// Takes over what the C interface handed out: a token, or an error beside its status.
    outcome(sm_status status, sm_token *token, sm_error *failure) : token_(token)
    {
        const detail::owned<sm_error, sm_error_free> owned(failure);
        if (status != SM_OK)
            error_.emplace(status, owned.get());
    }

    /// Whether there is a token.
    explicit operator bool() const noexcept { return !error_; }

    /// The token. Throws the sm::error where there is none.
    sm::token token() &&
    {
        if (error_)
            throw *error_;
        return std::move(token_);
    }

    /// Why there is no token; nullptr where there is one.
    const sm::error *error() const noexcept SM_TOKEN_BORROWED { return error_ ? &*error_ : nullptr; }

private:
    sm::token token_;
    std::optional<sm::error> error_;
};

/// Receives how a wait ended, on a thread of the library and with no lock held. It must not block, since others may wait
/// behind it. What it throws is dropped, since it can't pass through the library.
using ready_handler = std::function<void(outcome)>;

/// Keeps a valid token: fetches the first when it is asked for, and the next before that expires.
///
/// Every member but the assignment and the destructor may be called from any number of threads at
/// once. A const client can be asked for tokens, and no more. Of a client that was moved from, the
/// const members throw SM_ERROR_INVALID_ARGUMENT and the others do nothing.
class client {
public:
    /// A client with the credentials of the files of the options, else of the environment variables SMX_CLIENT_ID and
    /// SMX_CLIENT_SECRET; makes no request yet. Throws sm::error for what is missing or malformed, and
    /// for a CA file that can't be used.
    explicit client(const options &chosen = {}) : handle_(made({}, chosen)) {}

    /// As client(options), with these client credentials, of which neither may be a null pointer.
    client(const text &client_id, const text &client_secret, const options &chosen = {})
        : handle_(made({client_id.required("client_id"), client_secret.required("client_secret")}, chosen))
    {
    }

    /// The current token: from memory, or fetched or refreshed where it must be, which takes at most
    /// the options' timeout. Throws sm::error with any status.
    sm::token token() const { return token_for(-1); }

    /// As token(), waiting for at most so long, and at most the options' timeout; zero never waits, but starts a request
    /// where one is needed. Throws SM_ERROR_TIMEOUT, retryable and without retry_after(), while the request goes on for
    /// the next call; SM_ERROR_INVALID_ARGUMENT for a negative wait.
    sm::token token_within(duration wait) const { return token_for(milliseconds(wait)); }

    /// "Bearer TOKEN" of the current token: as token(), and the shortest way to the Authorization header
    /// of a request.
    std::string authorization() const { return authorization_for(-1); }

    /// As authorization(), waiting as token_within().
    std::string authorization_within(duration wait) const { return authorization_for(milliseconds(wait)); }

    /// Starts a request where one is needed, and calls back once with the outcome, on a thread of the library and never
    /// inside this call; with SM_ERROR_CANCELED at shutdown() and when the client is destroyed, if need be after that has
    /// returned. No handler is called in the child of a fork, nor once the process exits. The handler may call anything, and
    /// destroy this client.
    ///
    /// Throws SM_ERROR_CANCELED after shutdown(), SM_ERROR_RESOURCES where no thread can be had, and
    /// SM_ERROR_INVALID_ARGUMENT for an empty handler; the handler is not called then.
    void when_ready(ready_handler handler) const
    {
        auto owned = std::make_unique<ready_handler>(std::move(handler));
        detail::checked([&](sm_error **error) {
            return sm_client_when_ready(handle_.get(), *owned ? hear : nullptr, owned.get(), error);
        });
        static_cast<void>(owned.release()); // hear() owns it
    }

    /// After a 401: drops that token if it is still the current one, else does nothing.
    void invalidate(const sm::token &refused) noexcept
    {
        // The C interface takes NULL for whichever is current.
        if (refused.get() != nullptr)
            sm_client_invalidate(handle_.get(), refused.get());
    }

    /// As invalidate(token), by the text that authorization() gave.
    void invalidate(const text &authorization)
    {
        sm_client_invalidate_authorization(handle_.get(), authorization.required("authorization"));
    }

    /// Drops whichever token is current, and forgets a remembered failure.
    void invalidate() noexcept { sm_client_invalidate(handle_.get(), nullptr); }

    /// Puts client credentials in place of those before, wherever they came from: for a vault or a broker that hands out
    /// new ones. The next request uses them, a remembered refusal is forgotten, and the current token stays. A request
    /// that is under way keeps its own. Throws SM_ERROR_INVALID_ARGUMENT, which leaves those before in place.
    void credentials(const text &client_id, const text &client_secret)
    {
        const char *id = client_id.required("client_id");
        const char *secret = client_secret.required("client_secret");
        detail::checked([&](sm_error **error) {
            return sm_client_set_credentials(handle_.get(), id, secret, error);
        });
    }

    /// Interrupts the request under way; later calls throw SM_ERROR_CANCELED.
    void shutdown() noexcept { sm_client_shutdown(handle_.get()); }

private:
    sm::token token_for(std::int64_t wait_ms) const
    {
        return sm::token(detail::obtained<sm_token>([&](sm_token **handle, sm_error **error) {
            return sm_client_token_within(handle_.get(), wait_ms, handle, error);
        }));
    }

    std::string authorization_for(std::int64_t wait_ms) const
    {
        char buffer[16 * 1024 + 8]; // holds any
        std::size_t length = 0;
        detail::checked([&](sm_error **error) {
            return sm_client_authorization_within(handle_.get(), wait_ms, buffer, sizeof buffer, &length, error);
        });
        std::string copy(buffer, length);
        detail::wipe(buffer, length);
        return copy;
    }

    /// Whole milliseconds, rounded up. Any timeout ends before the longest of them.
    static std::int64_t milliseconds(duration wait)
    {
        if (!(wait.count() >= 0))
            throw error(SM_ERROR_INVALID_ARGUMENT, "wait is negative");
        return static_cast<std::int64_t>(std::ceil(std::min(wait.count(), 4294967296.0)));
    }

    static void SM_CALL hear(void *handler, sm_status status, sm_token *token, sm_error *failure) noexcept
    {
        const std::unique_ptr<ready_handler> owned(static_cast<ready_handler *>(handler));
        try {
            (*owned)(outcome(status, token, failure));
        } catch (...) {
        }
    }

    /// The handlers go last: until the handle is freed, the C side may call them.
    struct freed_before_its_handlers {
        options::handlers handlers;

        void operator()(sm_client *handle) const noexcept { sm_client_free(handle); }
    };

    using client_handle = std::unique_ptr<sm_client, freed_before_its_handlers>;

    static client_handle made(detail::credentials given, const options &chosen)
    {
        const sm_options *const options = chosen.get();
        sm_client *const client = detail::obtained<sm_client>([&](sm_client **handle, sm_error **error) {
            return sm_client_new(given.id, given.secret, options, handle, error);
        });
        return client_handle(client, freed_before_its_handlers{chosen.handlers_});
    }

    client_handle handle_;
};

// ---- check ----

/// What became of a step of check().
enum class verdict : std::int32_t {
    ok = SM_CHECK_OK,           ///< Nothing is wrong with it.
    wrong = SM_CHECK_WRONG,     ///< It keeps a token from coming.
    unknown = SM_CHECK_UNKNOWN, ///< It was not reached, does not apply, or can't be judged.
};

/// One step of check(). Its texts are valid until the handler returns.
struct check_step {
    std::string_view name;   ///< One of the names in sm_token.h, such as "certificate".
    sm::verdict verdict;     ///< What became of it.
    std::string_view text;   ///< What is, in one line.
    std::string_view advice; ///< One thing to do; "" where there is nothing to do.
};

/// Receives the steps; returns whether to go on. One that throws stops the check.
using check_handler = std::function<bool(const check_step &)>;

namespace detail {

inline std::int32_t SM_CALL taken(void *handler, const char *name, std::int32_t verdict, const char *text,
                                  const char *advice) noexcept
{
    try {
        const check_step step = {name, static_cast<sm::verdict>(verdict), text, advice};
        return (*static_cast<const check_handler *>(handler))(step) ? 1 : 0;
    } catch (...) {
        return 0;
    }
}

inline void check(credentials given, const options &chosen, const check_handler &handler)
{
    if (!handler)
        throw error(SM_ERROR_INVALID_ARGUMENT, "handler is empty");
    const sm_options *const options = chosen.get();
    void *const user_data = const_cast<check_handler *>(&handler); // handed back as const
    checked([&](sm_error **error) {
        return sm_check(given.id, given.secret, options, taken, user_data, error);
    });
}

} // namespace detail

/// Goes the steps to a token and hands each out as soon as it is known, on the calling thread, at most
/// for the options' timeout. The credentials come from the environment. Throws sm::error with the status
/// of the first step that is wrong, and SM_ERROR_CANCELED where the handler returned false or threw.
inline void check(const check_handler &handler, const options &chosen = {})
{
    detail::check({}, chosen, handler);
}

/// As check(handler, options), with these client credentials, of which neither may be a null pointer.
inline void check(const text &client_id, const text &client_secret, const check_handler &handler,
                  const options &chosen = {})
{
    detail::check({client_id.required("client_id"), client_secret.required("client_secret")}, chosen, handler);
}

} // namespace sm

#undef SM_TOKEN_BORROWED

#endif // SM_TOKEN_HPP
