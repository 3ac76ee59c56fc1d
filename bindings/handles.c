/* Writes down each handle that the library hands out and takes back, in whatever language the program is
 * and however it found the functions: the dynamic linker asks an auditor (rtld-audit(7)) about each one.
 *
 *     cc -shared -fPIC handles.c -o handles.so
 *     LD_AUDIT=./handles.so SM_TOKEN_HANDLES=FILE PROGRAM
 *
 * FILE gets lines of "+ADDRESS" and "-ADDRESS". Freeing NULL is no matter. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sm_token.h>

static void write_down(char sign, const void *handle)
{
    static int file = -1;
    if (file < 0)
        file = open(getenv("SM_TOKEN_HANDLES"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (handle != NULL && dprintf(file, "%c%p\n", sign, handle) < 0)
        abort();
}

static __typeof__(&sm_options_new) real_options_new;
static __typeof__(&sm_options_free) real_options_free;
static __typeof__(&sm_token_fetch) real_token_fetch;
static __typeof__(&sm_token_free) real_token_free;
static __typeof__(&sm_error_free) real_error_free;
static __typeof__(&sm_client_new) real_client_new;
static __typeof__(&sm_client_token) real_client_token;
static __typeof__(&sm_client_token_within) real_client_token_within;
static __typeof__(&sm_client_authorization) real_client_authorization;
static __typeof__(&sm_client_authorization_within) real_client_authorization_within;
static __typeof__(&sm_client_signal_when_ready) real_client_signal_when_ready;
static __typeof__(&sm_client_free) real_client_free;

static sm_options *options_new(void)
{
    sm_options *options = real_options_new();
    write_down('+', options);
    return options;
}

static void options_free(sm_options *options)
{
    write_down('-', options);
    real_options_free(options);
}

static sm_status token_fetch(const char *client_id, const char *client_secret, const sm_options *options,
                             sm_token **token, sm_error **error)
{
    sm_status status = real_token_fetch(client_id, client_secret, options, token, error);
    write_down('+', *token);
    write_down('+', *error);
    return status;
}

static void token_free(sm_token *token)
{
    write_down('-', token);
    real_token_free(token);
}

static void error_free(sm_error *error)
{
    write_down('-', error);
    real_error_free(error);
}

static sm_status client_new(const char *client_id, const char *client_secret, const sm_options *options,
                            sm_client **client, sm_error **error)
{
    sm_status status = real_client_new(client_id, client_secret, options, client, error);
    write_down('+', *client);
    write_down('+', *error);
    return status;
}

static sm_status client_token(sm_client *client, sm_token **token, sm_error **error)
{
    sm_status status = real_client_token(client, token, error);
    write_down('+', *token);
    write_down('+', *error);
    return status;
}

static sm_status client_token_within(sm_client *client, int64_t wait_ms, sm_token **token, sm_error **error)
{
    sm_status status = real_client_token_within(client, wait_ms, token, error);
    write_down('+', *token);
    write_down('+', *error);
    return status;
}

static sm_status client_authorization(sm_client *client, char *buffer, size_t capacity, size_t *length,
                                      sm_error **error)
{
    sm_status status = real_client_authorization(client, buffer, capacity, length, error);
    write_down('+', *error);
    return status;
}

static sm_status client_authorization_within(sm_client *client, int64_t wait_ms, char *buffer, size_t capacity,
                                             size_t *length, sm_error **error)
{
    sm_status status = real_client_authorization_within(client, wait_ms, buffer, capacity, length, error);
    write_down('+', *error);
    return status;
}

static sm_status client_signal_when_ready(sm_client *client, intptr_t descriptor, sm_error **error)
{
    sm_status status = real_client_signal_when_ready(client, descriptor, error);
    write_down('+', *error);
    return status;
}

static void client_free(sm_client *client)
{
    write_down('-', client);
    real_client_free(client);
}

unsigned int la_version(unsigned int version)
{
    return version;
}

unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
    (void)map, (void)lmid, (void)cookie;
    return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

#define STAND_IN(name)                                              \
    if (strcmp(symbol, "sm_" #name) == 0) {                         \
        real_##name = (__typeof__(real_##name))found->st_value;     \
        return (uintptr_t)name;                                     \
    }

uintptr_t la_symbind64(Elf64_Sym *found, unsigned int index, uintptr_t *from, uintptr_t *to,
                       unsigned int *flags, const char *symbol)
{
    (void)index, (void)from, (void)to, (void)flags;
    STAND_IN(options_new)
    STAND_IN(options_free)
    STAND_IN(token_fetch)
    STAND_IN(token_free)
    STAND_IN(error_free)
    STAND_IN(client_new)
    STAND_IN(client_token)
    STAND_IN(client_token_within)
    STAND_IN(client_authorization)
    STAND_IN(client_authorization_within)
    STAND_IN(client_signal_when_ready)
    STAND_IN(client_free)
    return found->st_value;
}
