/* What POSIX and Windows name differently, as far as the test programs use it: sockets, the environment, and an end
 * for a program that hangs. Threads are POSIX threads on both. */
#ifndef PORTABLE_H
#define PORTABLE_H

#ifdef _WIN32

#include <winsock2.h>
#include <ws2tcpip.h>

#include <pthread.h>
#include <stdlib.h>

typedef int transfer_size;

static inline void portable_sockets(void)
{
    WSADATA about;

    if (WSAStartup(MAKEWORD(2, 2), &about) != 0)
        abort();
}

static inline int close_socket(SOCKET connection)
{
    return closesocket(connection);
}

/* Sets the variable for the library too, which asks the system for it. */
static inline int set_environment(const char *name, const char *value)
{
    return _putenv_s(name, value);
}

/* An empty value removes a variable. */
static inline int unset_environment(const char *name)
{
    return _putenv_s(name, "");
}

/* As UTF-8, where `getenv` gives it in the system's code page; never freed. */
static inline const char *environment_text(const char *name)
{
    wchar_t wide_name[64];
    const wchar_t *wide;
    char *text;
    int size;

    if (MultiByteToWideChar(CP_UTF8, 0, name, -1, wide_name, 64) == 0)
        abort();
    wide = _wgetenv(wide_name);
    if (wide == NULL)
        return NULL;
    size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    text = (char *)malloc((size_t)size);
    if (text == NULL || WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL) != size)
        abort();
    return text;
}

static inline void *portable_end(void *seconds)
{
    Sleep(1000 * (DWORD)(intptr_t)seconds);
    TerminateProcess(GetCurrentProcess(), 14);
    return NULL;
}

static inline void end_within(unsigned seconds)
{
    pthread_t timer;

    if (pthread_create(&timer, NULL, portable_end, (void *)(intptr_t)seconds) != 0)
        abort();
}

#else

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef size_t transfer_size;

static inline void portable_sockets(void)
{
}

static inline int close_socket(int connection)
{
    return close(connection);
}

static inline int set_environment(const char *name, const char *value)
{
    return setenv(name, value, 1);
}

static inline int unset_environment(const char *name)
{
    return unsetenv(name);
}

static inline const char *environment_text(const char *name)
{
    return getenv(name);
}

/* By SIGALRM. */
static inline void end_within(unsigned seconds)
{
    alarm(seconds);
}

#endif

/* Up to `size` bytes; 0 at the end of what comes, less where it breaks off. */
static inline long receive(int connection, char *bytes, size_t size)
{
    return (long)recv(connection, bytes, (transfer_size)size, 0);
}

static inline long transmit(int connection, const char *bytes, size_t size)
{
    return (long)send(connection, bytes, (transfer_size)size, 0);
}

#endif
