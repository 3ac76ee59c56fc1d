/*
 * sm_token.h: gets and keeps access tokens for the Standard Metrics API.
 *
 * Generated from src/ffi by cbindgen; change it there and run `make header`.
 *
 * Errors. A call that can fail returns an sm_status, SM_OK (0) on success. Its last parameter
 * takes an sm_error, which says what happened and what to do, or NULL where that is of no
 * interest. Out parameters come just before it; they are set to NULL on entry and written on
 * success only. [promise: out-parameters]
 *
 * Ownership. What an _new, a fetch or an error parameter hands out is freed once, with the _free
 * of its type and never with free(). A text that an accessor returns lives as long as its handle.
 * Whatever is passed in is copied. Every accessor and every _free takes NULL: a missing text is
 * "", a missing number is 0 (or what its comment says). [promise: freed-once copied null-taken]
 *
 * Callbacks. Each has a type sm_..._fn, whose comment names on which thread it is called, and until
 * when. It has to be declared with SM_CALL, and to return: an exception that leaves it ends the
 * process, and so does pthread_exit where it unwinds the thread, as with glibc; pthread_exit elsewhere
 * and longjmp are undefined.
 *
 * Text is UTF-8 with a NUL at its end. [promise: bad-arguments]
 *
 * Threads. Every handle but sm_options may be used from any number of threads at once. A _free is
 * the last call on its handle, with no other call on it under way. pthread_cancel takes place after
 * the call that it finds a thread in. [promise: any-thread]
 *
 * Sections: status, version, error, options, token, fetch, fetch into, client, check. Each has its
 * constants, its types and its functions, in this order.
 *
 * No message, no log line and no error text holds a secret, a token or a proxy password. [promise: no-secret]
 */

#ifndef SM_TOKEN_H
#define SM_TOKEN_H

#include <stddef.h>
#include <stdint.h>

/* The calling convention of every function and of every callback. */
#if defined(_WIN32) && !defined(_WIN64)
#define SM_CALL __stdcall
#else
#define SM_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ================================================================================================
 * Status: how a call ended
 * ================================================================================================ */

/**
 * What a call came to: SM_OK or one of the SM_ERROR_ constants. The values never change.
 */
typedef int32_t sm_status;

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
 * The machine has no thread, file descriptor, memory for a socket or random number to give now.
 */
#define SM_ERROR_RESOURCES 26

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
 * The server refused with another OAuth error; the OAuth code of the error names it.
 */
#define SM_ERROR_OAUTH 42

/**
 * The server asks for fewer requests; the error may give for how long.
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

/**
 * Describes a status in one fixed sentence.
 *
 * `status`: any value; an unknown one is described as such. Returns a text that lives for ever.
 * Never fails, and may be called from any thread.
 */
const char *SM_CALL sm_status_message(sm_status status);

/**
 * Returns whether the same call may succeed later without any change, judged by the status alone:
 * for callers that have no sm_error.
 *
 * `status`: any value. Returns 1 for SM_ERROR_DNS, SM_ERROR_CONNECT, SM_ERROR_TIMEOUT,
 * SM_ERROR_IO, SM_ERROR_RESOURCES, SM_ERROR_RATE_LIMITED and SM_ERROR_SERVER; 0 for all else.
 * SM_ERROR_PROXY and SM_ERROR_TLS depend on more, which sm_error_is_retryable knows. Never fails,
 * and may be called from any thread.
 */
int32_t SM_CALL sm_status_is_retryable(sm_status status);

/* ================================================================================================
 * Version
 * ================================================================================================ */

/** Version of this header; `sm_version` returns the version of the library that runs. */
#define SM_TOKEN_VERSION_MAJOR 0
#define SM_TOKEN_VERSION_MINOR 1
#define SM_TOKEN_VERSION_PATCH 1

/** True where this header is of version a.b.c or newer. */
#define SM_TOKEN_VERSION_AT_LEAST(a, b, c) \
  (SM_TOKEN_VERSION_MAJOR > (a) || (SM_TOKEN_VERSION_MAJOR == (a) && \
   (SM_TOKEN_VERSION_MINOR > (b) || (SM_TOKEN_VERSION_MINOR == (b) && \
    SM_TOKEN_VERSION_PATCH >= (c)))))

/**
 * Returns the version of the library that runs, as "MAJOR.MINOR.PATCH".
 *
 * Returns a text that lives for ever. Never fails, and may be called from any thread.
 */
const char *SM_CALL sm_version(void);

/* ================================================================================================
 * Error: why a call failed
 * ================================================================================================ */

/**
 * Why a call failed. Handed out by the call's last parameter; freed with sm_error_free.
 */
typedef struct sm_error sm_error;

/**
 * Returns the status that the call returned too.
 *
 * `error`: may be NULL. Returns SM_OK for NULL. May be called from any thread.
 */
sm_status SM_CALL sm_error_status(const sm_error *error);

/**
 * Returns what happened, to what, and what to do, in one line that can be shown to a person.
 *
 * `error`: may be NULL. Returns a text that lives as long as `error`; "" for NULL. May be called
 * from any thread.
 */
const char *SM_CALL sm_error_message(const sm_error *error);

/**
 * Returns the HTTP status code of the server's answer.
 *
 * `error`: may be NULL. Returns 100 to 999, or 0 where no answer came and for NULL. May be called
 * from any thread.
 */
int32_t SM_CALL sm_error_http_status(const sm_error *error);

/**
 * Returns the server's OAuth error code (RFC 6749 section 5.2), such as "invalid_client".
 *
 * `error`: may be NULL. Returns a text of at most 64 characters, cleaned of control characters and
 * of any echo of the secret, that lives as long as `error`; "" where the server gave none and for
 * NULL. May be called from any thread.
 */
const char *SM_CALL sm_error_oauth_code(const sm_error *error);

/**
 * Returns the server's own description of its OAuth error (RFC 6749 section 5.2).
 *
 * `error`: may be NULL. Returns a text of at most 256 characters, cleaned as sm_error_oauth_code,
 * that lives as long as `error`; "" where the server gave none and for NULL. May be called from
 * any thread.
 */
const char *SM_CALL sm_error_oauth_description(const sm_error *error);

/**
 * Returns whether the same call may succeed later without any change.
 *
 * `error`: may be NULL. Returns 1 or 0; 0 for NULL. May be called from any thread.
 */
int32_t SM_CALL sm_error_is_retryable(const sm_error *error);

/**
 * Returns how long to wait before the next try.
 *
 * `error`: may be NULL. Returns milliseconds, from the server's Retry-After, to a day at most, or
 * from a remembered failure; -1 where neither gives one and for NULL. May be called from any thread.
 */
int64_t SM_CALL sm_error_retry_after_ms(const sm_error *error);

/**
 * Frees an error.
 *
 * `error`: NULL is fine. The last call on it, with no other under way.
 */
void SM_CALL sm_error_free(sm_error *error);

/* ================================================================================================
 * Options: how tokens are fetched
 * ================================================================================================ */

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
 * What can be chosen about how tokens are fetched. Made with sm_options_new; freed with
 * sm_options_free.
 *
 * Options are copied into what they are given to, so that later changes do not reach it. One
 * sm_options may be used by one thread at a time. The setters return SM_OK, or
 * SM_ERROR_INVALID_ARGUMENT for NULL options and for a value out of range, which leaves the old
 * value in place; sm_options_message returns why. NULL as a text means the default again.
 */
typedef struct sm_options sm_options;

/**
 * Receives one log message: `user_data` as it was given, one of SM_LOG_ERROR to SM_LOG_DEBUG, and a
 * text that lives until the handler returns.
 *
 * Called only on a thread that is inside a call to this library, with no lock held, and never
 * after what took the options is freed. It must return: by no longjmp, exception or end of its
 * thread. It may call this library.
 */
typedef void (SM_CALL *sm_log_fn)(void *user_data, int32_t level, const char *message);

/**
 * Decides whether a caller that waits goes on: `user_data` as it was given; returns 0 to let that
 * caller go.
 *
 * Called only on the thread of the caller that waits, with no lock held, and never after what took
 * the options is freed. It must return: by no longjmp, exception or end of its thread. It may call
 * this library.
 */
typedef int32_t (SM_CALL *sm_keep_waiting_fn)(void *user_data);

/**
 * Makes options that hold the defaults.
 *
 * Returns options that must later be freed with sm_options_free; never NULL. May be called from
 * any thread.
 */
sm_options *SM_CALL sm_options_new(void);

/**
 * Returns why the last setter on these options refused, in one line that names the option.
 *
 * `options`: may be NULL. Returns a text that lives until the next setter on `options`; "" where
 * the last one did not refuse, and for NULL.
 */
const char *SM_CALL sm_options_message(const sm_options *options);

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
sm_status SM_CALL sm_options_set_base_url(sm_options *options,
                                          const char *base_url);

/**
 * Sets the scope to ask for (RFC 6749 section 3.3), space separated.
 *
 * `scope`: default, and where empty: none, so that the server chooses.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a character that no scope may hold.
 */
sm_status SM_CALL sm_options_set_scope(sm_options *options, const char *scope);

/**
 * Sets the User-Agent header.
 *
 * `user_agent`: 1 to 256 characters of printable ASCII, not blanks alone. Default: "sm-token/" and
 * the version.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
 */
sm_status SM_CALL sm_options_set_user_agent(sm_options *options,
                                            const char *user_agent);

/**
 * Sets the proxy.
 *
 * `proxy`: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT], with a SCHEME of http (the default), https,
 * socks5 or socks5h, and percent-encoded credentials; "" means none. Default: from the environment
 * variables HTTPS_PROXY, then ALL_PROXY (either case), less NO_PROXY; on Windows then from the
 * user's settings, less their exceptions. A server on this machine is never reached through a proxy.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a malformed proxy.
 */
sm_status SM_CALL sm_options_set_proxy(sm_options *options,
                                       const char *proxy);

/**
 * Sets a PEM file of certificate authorities that are trusted in place of the system's.
 *
 * `ca_file`: its path, at most 16 MiB large; read once, when a fetch starts or a client is made,
 * where a bad file is SM_ERROR_NO_TRUST_ROOTS. Default: none.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an empty path.
 */
sm_status SM_CALL sm_options_set_ca_file(sm_options *options,
                                         const char *ca_file);

/**
 * Sets the files that hold the client credentials, where a call gives none; they count before the
 * environment's.
 *
 * `client_id_file`, `client_secret_file`: their paths, both or neither. Default: none. Each file
 * holds one line of UTF-8, at most 4 KiB; a byte order mark and one line break at its end are
 * dropped. It is read when a fetch starts and when a client is made, then again for each token
 * request of the client. A later read that fails leaves the last credentials in use, and logs
 * SM_LOG_WARN.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an empty path and for only one of the two.
 * Whether a file is good is returned by the call that reads it: SM_ERROR_NO_CREDENTIALS where it
 * can't be read, SM_ERROR_INVALID_ARGUMENT where it is not a regular file or not such a line.
 */
sm_status SM_CALL sm_options_set_credential_files(sm_options *options,
                                                  const char *client_id_file,
                                                  const char *client_secret_file);

/**
 * Sets whose certificate authorities are trusted where no CA file is given.
 *
 * `trust`: SM_TRUST_SYSTEM (default) or SM_TRUST_BUNDLED.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
 */
sm_status SM_CALL sm_options_set_trust(sm_options *options, int32_t trust);

/**
 * Sets the deadline of a whole call, retries included.
 *
 * `timeout_ms`: milliseconds, at least 1. Default: 30000.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0: there is no way to wait without end.
 */
sm_status SM_CALL sm_options_set_timeout_ms(sm_options *options, uint32_t timeout_ms);

/**
 * Sets how long one connection may take: resolving, proxy and TLS.
 *
 * `connect_timeout_ms`: milliseconds, at least 1. Default: 10000.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0.
 */
sm_status SM_CALL sm_options_set_connect_timeout_ms(sm_options *options,
                                                    uint32_t connect_timeout_ms);

/**
 * Sets how often a request that failed in passing is sent again, within the timeout.
 *
 * `max_retries`: 0 (no retries) to 100. Default: 2.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for more than 100.
 */
sm_status SM_CALL sm_options_set_max_retries(sm_options *options, uint32_t max_retries);

/**
 * Sets the handler of log messages.
 *
 * `log`: the handler; NULL means none, the default. `user_data`: handed to it; must stay valid
 * for as long as what takes the options. `level`: the least important level that is wanted,
 * SM_LOG_OFF to SM_LOG_DEBUG.
 *
 * The handler is called on whichever threads call the library, also on several at once.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an unknown level.
 */
sm_status SM_CALL sm_options_set_log(sm_options *options,
                                     sm_log_fn log,
                                     void *user_data,
                                     int32_t level);

/**
 * Sets whom a caller that waits asks whether to go on: for hosts that cancel what they run.
 *
 * `keep_waiting`: the handler; NULL means none, the default. `user_data`: handed to it; must
 * stay valid for as long as what takes the options.
 *
 * It is asked at least every 100 ms while a call waits, on the thread of that call. Once it
 * returns 0 the call returns SM_ERROR_CANCELED. The request of a client goes on for other callers,
 * that of sm_token_fetch is interrupted. A wait of 0 does not ask.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for NULL options.
 */
sm_status SM_CALL sm_options_set_keep_waiting(sm_options *options,
                                              sm_keep_waiting_fn keep_waiting,
                                              void *user_data);

/**
 * Frees options.
 *
 * `options`: NULL is fine. What took the options keeps its copy.
 */
void SM_CALL sm_options_free(sm_options *options);

/* ================================================================================================
 * Token
 * ================================================================================================ */

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
 * Field of sm_token_copy: the granted scope, space separated; "" where the server gave none.
 */
#define SM_FIELD_SCOPE 3

/**
 * An access token. Handed out by a fetch or a client; freed with sm_token_free, which wipes it.
 */
typedef struct sm_token sm_token;

/**
 * Returns the access token itself.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *SM_CALL sm_token_access_token(const sm_token *token);

/**
 * Returns "Bearer TOKEN", ready for the Authorization header of a request.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *SM_CALL sm_token_authorization(const sm_token *token);

/**
 * Returns the token's type as the server wrote it: "Bearer", in some case.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
 * from any thread.
 */
const char *SM_CALL sm_token_type(const sm_token *token);

/**
 * Returns the granted scope, space separated.
 *
 * `token`: may be NULL. Returns a text that lives as long as `token`; "" where the server did not
 * say and for NULL. May be called from any thread.
 */
const char *SM_CALL sm_token_scope(const sm_token *token);

/**
 * Returns when the token expires, counted from when the request for it was sent.
 *
 * `token`: may be NULL. Returns seconds of Unix time; 0 for NULL. May be called from any thread.
 */
int64_t SM_CALL sm_token_expires_at(const sm_token *token);

/**
 * Returns how long the token is still good from now, also after a step of the wall clock.
 *
 * `token`: may be NULL. Returns whole seconds, never below 0; 0 for NULL. May be called from any
 * thread.
 */
int64_t SM_CALL sm_token_expires_in(const sm_token *token);

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
sm_status SM_CALL sm_token_copy(const sm_token *token,
                                int32_t field,
                                char *buffer,
                                size_t capacity,
                                size_t *length);

/**
 * Wipes a token's memory and frees it.
 *
 * `token`: NULL is fine. The last call on it, with no other under way.
 */
void SM_CALL sm_token_free(sm_token *token);

/* ================================================================================================
 * Fetch: one token
 * ================================================================================================ */

/**
 * Asks the server for a token and waits for it: one request, and its retries within the timeout.
 *
 * `client_id`, `client_secret`: the client credentials; both NULL takes them from the files of
 * sm_options_set_credential_files, else from the environment variables SMX_CLIENT_ID and
 * SMX_CLIENT_SECRET, or the files that SMX_CLIENT_ID_FILE and SMX_CLIENT_SECRET_FILE name.
 * `options`: NULL means the defaults. On success writes to `token` (not NULL) a token that must later be freed with sm_token_free.
 *
 * Returns SM_OK or any other status. Blocks for at most the timeout of the options. May be called
 * from any thread, also at the same time. A program that needs a token more than once should keep
 * one.
 */
sm_status SM_CALL sm_token_fetch(const char *client_id,
                                 const char *client_secret,
                                 const sm_options *options,
                                 sm_token **token,
                                 sm_error **error);

/* ================================================================================================
 * Fetch into: one token, for text of a fixed length
 * ================================================================================================ */

/**
 * Asks the server for a token and copies one field of it out, in one call without any handle: for
 * languages whose text has a fixed length and is padded with blanks (COBOL, Fortran, PL/I).
 *
 * Of each input the trailing blanks and NULs are dropped; what is empty then means the default.
 * `client_id`, `client_secret`: the client credentials; both empty takes them from the environment,
 * as sm_token_fetch does. `base_url`, `ca_file`: as sm_options_set_base_url
 * and sm_options_set_ca_file. The `_length` of each: its size in bytes; with 0 the text may be
 * NULL.
 *
 * `field`: one of the SM_FIELD_ constants. `out`, `out_capacity`: receives the field, padded with
 * blanks, without a NUL; all blanks on failure. 16391 bytes hold any but a scope, which may have up
 * to 64 KiB. `out_length`: receives its length in bytes without the padding, also when `out` is too
 * small; may be NULL. `expires_at`: receives Unix seconds, 0 on failure; may be NULL. `error_text`,
 * `error_text_capacity`: receives what happened and what to do, padded with blanks, cut where it
 * does not fit; all blanks on success; may be NULL with 0.
 *
 * The four places need not be aligned. Where one shares a byte with another or with a text that is
 * read, the status is SM_ERROR_INVALID_ARGUMENT, and nothing is written.
 *
 * Returns SM_OK or any other status; SM_ERROR_BUFFER_TOO_SMALL where the token came but `out`
 * can't hold the field. Blocks for at most 30 s. May be called from any thread, also at the same
 * time.
 */
sm_status SM_CALL sm_token_fetch_into(const char *client_id,
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

/* ================================================================================================
 * Client: a valid token, always
 * ================================================================================================ */

/**
 * A client that keeps a valid token. Made with sm_client_new; freed with sm_client_free.
 *
 * A token is served from memory for the most part of its life. Then it is still served at once
 * while one request in the background fetches the next. Only where there is no token callers
 * wait, all for the same request. Its failure is theirs too, and is remembered: a refusal for a
 * minute, what passes for 1 s to 30 s, or for as long as the server asks, to 300 s at most. Calls in
 * that time get it at once, and sm_error_retry_after_ms returns what is left of it.
 *
 * One client may be used from any number of threads at once, and in a child after fork(). No
 * thread lives on behind it: after a time with no calls in which the token expired, the next call
 * waits for a fetch.
 */
typedef struct sm_client sm_client;

/**
 * Receives how a wait ended: `user_data` as it was given, and SM_OK with a token, or another status
 * with an error. The other of the two is NULL. Both are the handler's, to be freed with
 * sm_token_free or sm_error_free.
 *
 * Called exactly once for each sm_client_when_ready that returned SM_OK, on a thread of the
 * library that blocks every signal, and with no lock held; never inside that call itself, never in
 * a child after fork(), and not once the process exits. It must not block, since others may wait
 * behind it, and must return: by no longjmp, exception or end of its thread. It may call this
 * library, sm_client_free of its own client too.
 */
typedef void (SM_CALL *sm_ready_fn)(void *user_data,
                                    sm_status status,
                                    sm_token *token,
                                    sm_error *error);

/**
 * Makes a client. It makes no request yet.
 *
 * `client_id`, `client_secret`: the client credentials; both NULL takes them as sm_token_fetch
 * does. `options`: NULL means the defaults; they, the environment and all files are read now. Files
 * of credentials are read again for each token request, so that their operator may change them. On
 * success writes to `client` (not NULL) a client that must later be freed with sm_client_free.
 *
 * Returns SM_OK, SM_ERROR_INVALID_ARGUMENT, SM_ERROR_NO_CREDENTIALS, SM_ERROR_INSECURE_URL,
 * SM_ERROR_NO_TRUST_ROOTS, SM_ERROR_RESOURCES, or SM_ERROR_TIMEOUT where a file hangs: blocks for at
 * most the timeout of the options; SM_ERROR_CANCELED where keep_waiting returned 0 meanwhile. May be
 * called from any thread.
 */
sm_status SM_CALL sm_client_new(const char *client_id,
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
sm_status SM_CALL sm_client_token(sm_client *client,
                                  sm_token **token,
                                  sm_error **error);

/**
 * As sm_client_token, waiting for a bounded time.
 *
 * `client`: not NULL. `wait_ms`: how long to wait at most, in milliseconds: 0 never waits, but
 * starts a request where one is needed; -1, and what is above the timeout of the options, mean
 * that timeout. On success writes to `token` (not NULL) a token that must later be freed with
 * sm_token_free.
 *
 * Returns as sm_client_token; SM_ERROR_TIMEOUT, which is retryable and of which
 * sm_error_retry_after_ms returns -1, while the request goes on for the next call;
 * SM_ERROR_INVALID_ARGUMENT for a wait below -1. May be called from any thread, also at the same
 * time.
 */
sm_status SM_CALL sm_client_token_within(sm_client *client,
                                         int64_t wait_ms,
                                         sm_token **token,
                                         sm_error **error);

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
sm_status SM_CALL sm_client_authorization(sm_client *client,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length,
                                          sm_error **error);

/**
 * As sm_client_authorization, waiting for a bounded time.
 *
 * `client`, `buffer`, `capacity`, `length`: as for sm_client_authorization. `wait_ms`: as for
 * sm_client_token_within.
 *
 * Returns as sm_client_token_within, or SM_ERROR_BUFFER_TOO_SMALL. May be called from any thread,
 * also at the same time.
 */
sm_status SM_CALL sm_client_authorization_within(sm_client *client,
                                                 int64_t wait_ms,
                                                 char *buffer,
                                                 size_t capacity,
                                                 size_t *length,
                                                 sm_error **error);

/**
 * Starts a request where one is needed, and calls back once with the outcome: for hosts that may
 * not block.
 *
 * `client`: not NULL. `ready`: the handler, not NULL. `user_data`: handed to it; must stay valid
 * until `ready` is called.
 *
 * `ready` may be called before this call has returned, on the other thread. It gets the current
 * token at once where there is one, a remembered failure too, and SM_ERROR_TIMEOUT after the
 * timeout of the options. sm_client_shutdown and sm_client_free have it called with
 * SM_ERROR_CANCELED, if need be after they have returned.
 *
 * Returns SM_OK; SM_ERROR_CANCELED after sm_client_shutdown, SM_ERROR_RESOURCES where no thread
 * can be had, or SM_ERROR_INVALID_ARGUMENT, and then `ready` is not called. Never blocks. May be
 * called from any thread, also at the same time.
 */
sm_status SM_CALL sm_client_when_ready(sm_client *client,
                                       sm_ready_fn ready,
                                       void *user_data,
                                       sm_error **error);

/**
 * Starts a request where one is needed, and signals once when there is an outcome: for event loops
 * that no foreign thread may enter. sm_client_token_within or sm_client_authorization_within with
 * a wait of 0 then gives it.
 *
 * `client`: not NULL. `descriptor`: an eventfd, a pipe or a socket that is open for writing, to
 * which eight bytes are written, the number 1 as an eventfd takes it; on Windows the HANDLE of an
 * event object, which is set. It stays the caller's, who may close it at any time: the library
 * keeps a duplicate until the signal.
 *
 * Signals at once where there is a token or a remembered failure, and at sm_client_shutdown and
 * sm_client_free. A descriptor that takes no eight bytes without blocking gets none. An outcome
 * that the client does not keep, such as a token that arrives past its margin, is handed to the
 * next call within a second of the signal.
 *
 * Returns SM_OK; SM_ERROR_CANCELED after sm_client_shutdown, SM_ERROR_RESOURCES where no thread or
 * descriptor can be had, or SM_ERROR_INVALID_ARGUMENT for what can't be written to, and then no
 * signal comes. Never blocks. May be called from any thread, also at the same time.
 */
sm_status SM_CALL sm_client_signal_when_ready(sm_client *client,
                                              intptr_t descriptor,
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
void SM_CALL sm_client_invalidate(sm_client *client,
                                  const sm_token *token);

/**
 * As sm_client_invalidate, for the text that was sent.
 *
 * `client`: NULL does nothing. `authorization`: "Bearer TOKEN" or the token alone; NULL drops
 * whichever token is current and forgets a remembered failure.
 *
 * Never blocks on the network. May be called from any thread, also at the same time.
 */
void SM_CALL sm_client_invalidate_authorization(sm_client *client,
                                                const char *authorization);

/**
 * Puts client credentials in place of those before, wherever they came from: for a vault or a
 * broker that hands out new ones. Files of credentials are not read any more.
 *
 * `client`: not NULL. `client_id`, `client_secret`: not NULL.
 *
 * The next request uses them, a remembered refusal is forgotten, and the current token stays. A
 * request that is under way keeps its own. Those before are wiped once no request uses them.
 *
 * Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT, which leaves those before in place. Never blocks.
 * May be called from any thread, also at the same time.
 */
sm_status SM_CALL sm_client_set_credentials(sm_client *client,
                                            const char *client_id,
                                            const char *client_secret,
                                            sm_error **error);

/**
 * Lets every caller that waits go with SM_ERROR_CANCELED within milliseconds, and refuses later
 * calls with it.
 *
 * `client`: NULL does nothing. May be called from any thread, also at the same time, but not from
 * a signal handler.
 */
void SM_CALL sm_client_shutdown(sm_client *client);

/**
 * Frees a client, without waiting for a request that is under way: what that still holds is wiped
 * when it ends, within its connect timeout.
 *
 * `client`: NULL is fine. The last call on it, with no other under way. Tokens that it handed out
 * live on.
 */
void SM_CALL sm_client_free(sm_client *client);

/* ================================================================================================
 * Check: the steps to a token, one by one
 * ================================================================================================ */

/**
 * Nothing is wrong with the step.
 */
#define SM_CHECK_OK 0

/**
 * The step keeps a token from coming.
 */
#define SM_CHECK_WRONG 1

/**
 * The step was not reached, does not apply, or can't be judged.
 */
#define SM_CHECK_UNKNOWN 2

/**
 * Receives one step of sm_check: `user_data` as it was given; the step's name; one of SM_CHECK_OK,
 * SM_CHECK_WRONG and SM_CHECK_UNKNOWN; what is, in one line; and one thing to do, "" where there is
 * nothing to do. The texts live until the callback returns. Returns 0 to stop the check.
 *
 * Called only on the thread that called sm_check, with no lock held. It must return: by no longjmp,
 * exception or end of its thread. It may call this library.
 */
typedef int32_t (SM_CALL *sm_check_fn)(void *user_data,
                                       const char *name,
                                       int32_t verdict,
                                       const char *text,
                                       const char *advice);

/**
 * Goes the steps to a token and reports each as soon as it is known, so that an operator sees what is
 * wrong. One request is sent, and the token that it may bring is dropped.
 *
 * `client_id`, `client_secret`, `options`: as for sm_token_fetch. `step` (not NULL) is called once for
 * each of these names, in this order: "credentials", "base URL", "proxy", "name", "connection", "TLS",
 * "certificate", "clock", "answer". `user_data` is handed to it.
 *
 * A text that is not UTF-8 is SM_ERROR_INVALID_ARGUMENT, and then `step` is not called.
 *
 * Returns SM_OK where no step is wrong, else the status of the first that is (of "clock", which no
 * fetch fails for: SM_ERROR_CERTIFICATE); SM_ERROR_CANCELED where `step` or the keep_waiting of the
 * options returned 0. Blocks for at most the timeout of the options. May be called from any thread,
 * also at the same time.
 */
sm_status SM_CALL sm_check(const char *client_id,
                           const char *client_secret,
                           const sm_options *options,
                           sm_check_fn step,
                           void *user_data,
                           sm_error **error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* SM_TOKEN_H */
