/*
 * sm_token.h: gets and keeps access tokens for the Standard Metrics API.
 *
 * Generated from src/ffi by cbindgen; change it there and run `make header`.
 *
 * Errors. A call that can fail returns an sm_status, SM_OK (0) on success. Its last parameter
 * takes an sm_error, which says what happened and what to do, or NULL where that is of no
 * interest. Out parameters come just before it; they are set to NULL on entry and written on
 * success only.
 *
 * Ownership. What an _new, a fetch or an error parameter hands out is freed once, with the _free
 * of its type and never with free(). A text that an accessor returns lives as long as its handle.
 * Whatever is passed in is copied. Every accessor and every _free takes NULL: a missing text is
 * "", a missing number is 0 (or what its comment says).
 *
 * Text is UTF-8 with a NUL at its end.
 *
 * Threads. Every handle but sm_options may be used from any number of threads at once. A _free is
 * the last call on its handle, with no other call on it under way.
 *
 * No message, no log line and no error text holds a secret, a token or a proxy password.
 */

#ifndef SM_TOKEN_H
#define SM_TOKEN_H

#include <stddef.h>
#include <stdint.h>

/** Version of this header; `sm_version` tells the version of the library that runs. */
#define SM_TOKEN_VERSION_MAJOR 0
#define SM_TOKEN_VERSION_MINOR 1
#define SM_TOKEN_VERSION_PATCH 0

/** True where this header is of version a.b.c or newer. */
#define SM_TOKEN_VERSION_AT_LEAST(a, b, c) \
  (SM_TOKEN_VERSION_MAJOR > (a) || (SM_TOKEN_VERSION_MAJOR == (a) && \
   (SM_TOKEN_VERSION_MINOR > (b) || (SM_TOKEN_VERSION_MINOR == (b) && \
    SM_TOKEN_VERSION_PATCH >= (c)))))


/**
 * Trust the certificate authorities of the operating system. The default.
 */
#define SM_TRUST_SYSTEM 0

/**
 * Trust Mozilla's certificate authorities as of this library's build, for systems without a store.
 */
#define SM_TRUST_BUNDLED 1

/**
 * Nothing is logged.
 */
#define SM_LOG_OFF 0

/**
 * A call failed.
 */
#define SM_LOG_ERROR 1

/**
 * Something failed that the library makes up for.
 */
#define SM_LOG_WARN 2

/**
 * A token was fetched, refreshed, refused or invalidated.
 */
#define SM_LOG_INFO 3

/**
 * Each attempt.
 */
#define SM_LOG_DEBUG 4

/**
 * Field of sm_token_copy: the access token itself.
 */
#define SM_FIELD_ACCESS_TOKEN 0

/**
 * Field of sm_token_copy: "Bearer TOKEN", ready for the Authorization header.
 */
#define SM_FIELD_AUTHORIZATION 1

/**
 * Field of sm_token_copy: the token's type as the server wrote it, "Bearer" in some case.
 */
#define SM_FIELD_TYPE 2

/**
 * Field of sm_token_copy: the granted scope, space separated; "" where the server did not say.
 */
#define SM_FIELD_SCOPE 3

/**
 * A client that keeps a valid token. Made with sm_client_new; freed with sm_client_free.
 *
 * A token is served from memory for the most part of its life. Then it is still served at once
 * while one request behind the callers fetches the next. Only where there is no token callers
 * wait, all for the same request. Its failure is theirs too, and is remembered: a refusal for a
 * minute, what passes for 1 s to 30 s, a rate limit for as long as the server says. Calls in that
 * time get it at once, and sm_error_retry_after_ms tells what is left of it.
 *
 * One client may be used from any number of threads at once, and in a child after fork(). No
 * thread lives on behind it: after a time with no calls in which the token expired, the next call
 * waits for a fetch.
 */
typedef struct sm_client sm_client;

/**
 * Why a call failed. Handed out by the call's last parameter; freed with sm_error_free.
 */
typedef struct sm_error sm_error;

/**
 * What can be chosen about how tokens are fetched. Made with sm_options_new; freed with
 * sm_options_free.
 *
 * Options are copied into what they are given to, so that later changes do not reach it. One
 * sm_options may be used by one thread at a time. The setters return SM_OK, or
 * SM_ERROR_INVALID_ARGUMENT for NULL options and for a value out of range, which leaves the old
 * value in place. NULL as a text means the default again.
 */
typedef struct sm_options sm_options;

/**
 * An access token. Handed out by a fetch or a client; freed with sm_token_free, which wipes it.
 */
typedef struct sm_token sm_token;

/**
 * What a call came to: SM_OK or one of the SM_ERROR_ constants. The values never change.
 */
typedef int32_t sm_status;

/**
 * Hears one log message: `user_data` as it was given, one of SM_LOG_ERROR to SM_LOG_DEBUG, and a
 * text that lives until the handler returns.
 *
 * Called only on a thread that is inside a call to this library, with no lock held, and never
 * after what took the options is freed. It must return, and may call this library.
 */
typedef void (*sm_log_fn)(void *user_data, int32_t level, const char *message);

/**
 * The call succeeded.
 */
#define SM_OK 0

/**
 * A parameter has a value that it may not have; the message names it.
 */
#define SM_ERROR_INVALID_ARGUMENT 10

/**
 * Neither the caller nor the environment gave client credentials.
 */
#define SM_ERROR_NO_CREDENTIALS 11

/**
 * The caller's buffer is too small; nothing was written to it.
 */
#define SM_ERROR_BUFFER_TOO_SMALL 12

/**
 * http: to another machine, which would show the secret to the network.
 */
#define SM_ERROR_INSECURE_URL 13

/**
 * The host's name could not be resolved.
 */
#define SM_ERROR_DNS 20

/**
 * No connection to the server could be made.
 */
#define SM_ERROR_CONNECT 21

/**
 * The time allowed ran out.
 */
#define SM_ERROR_TIMEOUT 22

/**
 * The proxy could not be reached, or refused.
 */
#define SM_ERROR_PROXY 23

/**
 * The connection broke.
 */
#define SM_ERROR_IO 24

/**
 * The client was shut down, or the call interrupted.
 */
#define SM_ERROR_CANCELED 25

/**
 * The TLS handshake failed for another reason than the certificate.
 */
#define SM_ERROR_TLS 30

/**
 * The server's certificate is not trusted, not valid now, or not for this host.
 */
#define SM_ERROR_CERTIFICATE 31

/**
 * There is no certificate authority to trust: the store or CA file is missing, empty or
 * unreadable.
 */
#define SM_ERROR_NO_TRUST_ROOTS 32

/**
 * The server does not accept the client credentials.
 */
#define SM_ERROR_INVALID_CLIENT 40

/**
 * The server does not grant the scope that was asked for.
 */
#define SM_ERROR_INVALID_SCOPE 41

/**
 * The server refused with another OAuth error; sm_error_oauth_code tells which.
 */
#define SM_ERROR_OAUTH 42

/**
 * The server asks for fewer requests; sm_error_retry_after_ms may tell for how long.
 */
#define SM_ERROR_RATE_LIMITED 43

/**
 * The server failed, and may do better later.
 */
#define SM_ERROR_SERVER 44

/**
 * The server answered with an HTTP status that brings no token, such as a redirect.
 */
#define SM_ERROR_HTTP 45

/**
 * The answer is not a token response.
 */
#define SM_ERROR_INVALID_RESPONSE 50

/**
 * The answer is larger than any token response.
 */
#define SM_ERROR_RESPONSE_TOO_LARGE 51

/**
 * A defect of this library.
 */
#define SM_ERROR_INTERNAL 90

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Describes a status in one fixed sentence.
 *
 * `status`: any value; an unknown one is described as such. Returns a text that lives for ever.
 * Never fails, and may be called from any thread.
 */
const char *sm_status_message(sm_status status);

/**
 * Tells the version of the library that runs, as "MAJOR.MINOR.PATCH".
 *
 * Returns a text that lives for ever. Never fails, and may be called from any thread.
 */
const char *sm_version(void);

/**
 * Tells the status that the call returned too.
 *
 * `error`: may be NULL. Returns SM_OK for NULL. May be called from any thread.
 */
sm_status sm_error_status(const sm_error *error);

/**
 * Tells what happened, to what, and what to do, in one line that can be shown to a person.
 *
 * `error`: may be NULL. Returns a text that lives as long as `error`; "" for NULL. May be called
 * from any thread.
 */
const char *sm_error_message(const sm_error *error);

/**
 * Tells the HTTP status code of the server's answer.
 *
 * `error`: may be NULL. Returns 100 to 999, or 0 where no answer came and for NULL. May be called
 * from any thread.
 */
int32_t sm_error_http_status(const sm_error *error);

/**
 * Tells the server's OAuth error code (RFC 6749 section 5.2), such as "invalid_client".
 *
 * `error`: may be NULL. Returns a text of at most 64 characters, cleaned of control characters and
 * of any echo of the secret, that lives as long as `error`; "" where the server gave none and for
 * NULL. May be called from any thread.
 */
const char *sm_error_oauth_code(const sm_error *error);

/**
 * Tells the server's own words about its OAuth error (RFC 6749 section 5.2).
 *
 * `error`: may be NULL. Returns a text of at most 256 characters, cleaned as sm_error_oauth_code,
 * that lives as long as `error`; "" where the server gave none and for NULL. May be called from
 * any thread.
 */
const char *sm_error_oauth_description(const sm_error *error);

/**
 * Tells whether the same call may succeed later without any change.
 *
 * `error`: may be NULL. Returns 1 or 0; 0 for NULL. May be called from any thread.
 */
int32_t sm_error_is_retryable(const sm_error *error);

/**
 * Tells how long to wait before the next try.
 *
 * `error`: may be NULL. Returns milliseconds, from the server's Retry-After or from a remembered
 * failure; -1 where neither says and for NULL. May be called from any thread.
 */
int64_t sm_error_retry_after_ms(const sm_error *error);

/**
 * Frees an error.
 *
 * `error`: NULL is fine. The last call on it, with no other under way.
 */
void sm_error_free(sm_error *error);

/**
 * Makes options that hold the defaults.
 *
 * Returns options that must later be freed with sm_options_free; never NULL. May be called from
 * any thread.
 */
sm_options *sm_options_new(void);

/**
 * Sets the server.
 *
 * `base_url`: an https: URL, which may carry a path (a gateway's prefix), but no query, fragment
 * or credentials; /o/token/ is appended unless it is there. Default: the environment variable
 * SMX_BASE_URL, else https://api.standardmetrics.io.
 *
 * Returns SM_OK; SM_ERROR_INVALID_ARGUMENT for a malformed URL; SM_ERROR_INSECURE_URL for http: to
 * any other host than 127.0.0.0/8, [::1] and localhost.
 */
sm_status sm_options_set_base_url(sm_options *options, const char *base_url);

/**
 * Sets the scope to ask for (RFC 6749 section 3.3), space separated.
 *
 * `scope`: default, and where empty: none, so that the server chooses.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a character that no scope may hold.
 */
sm_status sm_options_set_scope(sm_options *options, const char *scope);

/**
 * Sets the User-Agent header.
 *
 * `user_agent`: 1 to 256 characters of printable ASCII. Default: "sm-token/" and the version.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
 */
sm_status sm_options_set_user_agent(sm_options *options, const char *user_agent);

/**
 * Sets the proxy.
 *
 * `proxy`: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT], with a SCHEME of http (the default), https,
 * socks5 or socks5h, and percent-encoded credentials; "" means none. Default: from the environment
 * variables HTTPS_PROXY, then ALL_PROXY (either case), less NO_PROXY. A server on this machine is
 * never reached through a proxy.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a malformed proxy.
 */
sm_status sm_options_set_proxy(sm_options *options, const char *proxy);

/**
 * Sets a PEM file of certificate authorities that are trusted in place of the system's.
 *
 * `ca_file`: its path, at most 16 MiB large; read once, when a fetch starts or a client is made,
 * where a bad file is SM_ERROR_NO_TRUST_ROOTS. Default: none.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an empty path.
 */
sm_status sm_options_set_ca_file(sm_options *options, const char *ca_file);

/**
 * Sets whose certificate authorities are trusted where no CA file is given.
 *
 * `trust`: SM_TRUST_SYSTEM (default) or SM_TRUST_BUNDLED.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
 */
sm_status sm_options_set_trust(sm_options *options, int32_t trust);

/**
 * Sets the deadline of a whole call, retries included.
 *
 * `timeout_ms`: milliseconds, at least 1. Default: 30000.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0: there is no way to wait without end.
 */
sm_status sm_options_set_timeout_ms(sm_options *options, uint32_t timeout_ms);

/**
 * Sets how long one connection may take: resolving, proxy and TLS.
 *
 * `connect_timeout_ms`: milliseconds, at least 1. Default: 10000.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0.
 */
sm_status sm_options_set_connect_timeout_ms(sm_options *options, uint32_t connect_timeout_ms);

/**
 * Sets how often a request that failed in passing is sent again, within the timeout.
 *
 * `max_retries`: default 2; 0 turns retries off.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for NULL options.
 */
sm_status sm_options_set_max_retries(sm_options *options, uint32_t max_retries);

/**
 * Sets who hears log messages.
 *
 * `log`: the handler; NULL means nobody, the default. `user_data`: handed to it; must stay valid
 * for as long as what takes the options. `level`: the least important level that is wanted,
 * SM_LOG_OFF to SM_LOG_DEBUG.
 *
 * The handler is called on whichever threads call the library, also on several at once.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an unknown level.
 */
sm_status sm_options_set_log(sm_options *options, sm_log_fn log, void *user_data, int32_t level);

/**
 * Frees options.
 *
 * `options`: NULL is fine. What took the options keeps its copy.
 */
void sm_options_free(sm_options *options);

/**
 * Tells the access token itself.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *sm_token_access_token(const sm_token *token);

/**
 * Tells "Bearer TOKEN", ready for the Authorization header of a request.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *sm_token_authorization(const sm_token *token);

/**
 * Tells the token's type as the server wrote it: "Bearer", in some case.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *sm_token_type(const sm_token *token);

/**
 * Tells the granted scope, space separated.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" where the server did not
 * say and for NULL. May be called from any thread.
 */
const char *sm_token_scope(const sm_token *token);

/**
 * Tells when the token expires, counted from when the request for it was sent.
 *
 * `token`: may be NULL. Returns seconds of Unix time; 0 for NULL. May be called from any thread.
 */
int64_t sm_token_expires_at(const sm_token *token);

/**
 * Tells how long the token is still good from now, whatever became of the wall clock meanwhile.
 *
 * `token`: may be NULL. Returns whole seconds, never below 0; 0 for NULL. May be called from any
 * thread.
 */
int64_t sm_token_expires_in(const sm_token *token);

/**
 * Copies one field into the caller's buffer, with a NUL at its end; whole or not at all.
 *
 * `token`: not NULL. `field`: one of the SM_FIELD_ constants. `buffer`, `capacity`: where to, and
 * its size in bytes; NULL and 0 ask for the length alone, which is SM_OK. `length`: receives the
 * length in bytes without the NUL, also when the buffer is too small; may be NULL. 16 KiB and 8
 * bytes hold any SM_FIELD_AUTHORIZATION.
 *
 * Returns SM_OK, SM_ERROR_BUFFER_TOO_SMALL (nothing was written to the buffer) or
 * SM_ERROR_INVALID_ARGUMENT (a NULL token, an unknown field, or NULL with a capacity). May be
 * called from any thread.
 */
sm_status sm_token_copy(const sm_token *token,
                        int32_t field,
                        char *buffer,
                        size_t capacity,
                        size_t *length);

/**
 * Wipes a token's memory and frees it.
 *
 * `token`: NULL is fine. The last call on it, with no other under way.
 */
void sm_token_free(sm_token *token);

/**
 * Asks the server for a token and waits for it: one request, and its retries within the timeout.
 *
 * `client_id`, `client_secret`: the client credentials; both NULL takes them from the environment
 * variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `options`: NULL means the defaults. On success
 * writes to `token` (not NULL) a token that must later be freed with sm_token_free.
 *
 * Returns SM_OK or any other status. Blocks for at most the timeout of the options. May be called
 * from any thread, also at the same time. A program that needs a token more than once should keep
 * one.
 */
sm_status sm_token_fetch(const char *client_id,
                         const char *client_secret,
                         const sm_options *options,
                         sm_token **token,
                         sm_error **error);

/**
 * Asks the server for a token and copies one field of it out, in one call without any handle: for
 * languages whose text has a fixed length and is padded with blanks (COBOL, Fortran, PL/I).
 *
 * Of each input the trailing blanks and NULs are dropped; what is empty then means the default.
 * `client_id`, `client_secret`: the client credentials; both empty takes them from the environment
 * variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `base_url`, `ca_file`: as sm_options_set_base_url
 * and sm_options_set_ca_file. The `_length` of each: its size in bytes; with 0 the text may be
 * NULL.
 *
 * `field`: one of the SM_FIELD_ constants. `out`, `out_capacity`: receives the field, padded with
 * blanks, without a NUL; all blanks on failure. 16391 bytes hold any. `out_length`: receives its
 * length in bytes without the padding, also when `out` is too small; may be NULL. `expires_at`:
 * receives Unix seconds, 0 on failure; may be NULL. `error_text`, `error_text_capacity`: receives
 * what happened and what to do, padded with blanks, cut where it does not fit; all blanks on
 * success; may be NULL with 0.
 *
 * Returns SM_OK or any other status; SM_ERROR_BUFFER_TOO_SMALL where the token came but `out`
 * can't hold the field. Blocks for at most 30 s. May be called from any thread, also at the same
 * time.
 */
sm_status sm_token_fetch_into(const char *client_id,
                              int32_t client_id_length,
                              const char *client_secret,
                              int32_t client_secret_length,
                              const char *base_url,
                              int32_t base_url_length,
                              const char *ca_file,
                              int32_t ca_file_length,
                              int32_t field,
                              char *out,
                              int32_t out_capacity,
                              int32_t *out_length,
                              int64_t *expires_at,
                              char *error_text,
                              int32_t error_text_capacity);

/**
 * Makes a client. It makes no request yet.
 *
 * `client_id`, `client_secret`: the client credentials; both NULL takes them from the environment
 * variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `options`: NULL means the defaults; they, the
 * environment and the CA file are read now. On success writes to `client` (not NULL) a client that
 * must later be freed with sm_client_free.
 *
 * Returns SM_OK, SM_ERROR_INVALID_ARGUMENT, SM_ERROR_NO_CREDENTIALS, SM_ERROR_INSECURE_URL or
 * SM_ERROR_NO_TRUST_ROOTS. May be called from any thread.
 */
sm_status sm_client_new(const char *client_id,
                        const char *client_secret,
                        const sm_options *options,
                        sm_client **client,
                        sm_error **error);

/**
 * Hands out the current token, fetched or refreshed where it must be.
 *
 * `client`: not NULL. On success writes to `token` (not NULL) a token that must later be freed
 * with sm_token_free.
 *
 * Returns SM_OK or any other status; SM_ERROR_CANCELED after sm_client_shutdown. Blocks only where
 * there is no token, for at most the timeout of the options. May be called from any thread, also
 * at the same time.
 */
sm_status sm_client_token(sm_client *client, sm_token **token, sm_error **error);

/**
 * Copies the current "Bearer TOKEN" into the caller's buffer, with a NUL at its end; whole or not
 * at all. The quickest way to it: in most calls it takes some nanoseconds, allocates nothing and
 * waits for no lock.
 *
 * `client`: not NULL. `buffer`, `capacity`: where to, and its size in bytes; 16 KiB and 8 bytes
 * hold any; NULL and 0 ask for the length alone. `length`: receives the length in bytes without
 * the NUL, also when the buffer is too small; may be NULL. The token may be another at the next
 * call, and its length too.
 *
 * Returns as sm_client_token, or SM_ERROR_BUFFER_TOO_SMALL (nothing was written to the buffer).
 * May be called from any thread, also at the same time.
 */
sm_status sm_client_authorization(sm_client *client,
                                  char *buffer,
                                  size_t capacity,
                                  size_t *length,
                                  sm_error **error);

/**
 * Drops a token that a resource refused (HTTP 401), if it is still the current one; else does
 * nothing. The next call waits for another.
 *
 * `client`: NULL does nothing. `token`: NULL drops whichever is current and forgets a remembered
 * failure.
 *
 * So that a resource which refuses every token does not turn into a storm, repeated invalidations
 * are spread out over 1, 2, 4 ... 30 s; one that comes sooner is ignored. Never blocks on the
 * network. May be called from any thread, also at the same time.
 */
void sm_client_invalidate(sm_client *client, const sm_token *token);

/**
 * As sm_client_invalidate, for the text that was sent.
 *
 * `client`: NULL does nothing. `authorization`: "Bearer TOKEN" or the token alone; NULL drops
 * whichever token is current and forgets a remembered failure.
 *
 * Never blocks on the network. May be called from any thread, also at the same time.
 */
void sm_client_invalidate_authorization(sm_client *client, const char *authorization);

/**
 * Lets every caller that waits go with SM_ERROR_CANCELED within milliseconds, and refuses later
 * calls with it.
 *
 * `client`: NULL does nothing. May be called from any thread, also at the same time, but not from
 * a signal handler.
 */
void sm_client_shutdown(sm_client *client);

/**
 * Frees a client, without waiting for a request that is under way: what that still holds is wiped
 * when it ends, within its connect timeout.
 *
 * `client`: NULL is fine. The last call on it, with no other under way. Tokens that it handed out
 * live on.
 */
void sm_client_free(sm_client *client);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SM_TOKEN_H */
