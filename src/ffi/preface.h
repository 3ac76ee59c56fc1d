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
