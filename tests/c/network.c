/* Stands before the C library's network calls, in any program that is started with it: names with the addresses that
 * NETWORK_NAMES gives them, addresses that fail as NETWORK_CONNECT says, sockets and threads that are refused, and a
 * wall clock that is wrong.
 *
 *   NETWORK_NAMES    NAME=ADDRESS,ADDRESS;NAME=hang    no other name is known, but numbers and localhost
 *   NETWORK_CONNECT  ADDRESS=ERRNO;ADDRESS=swallow     swallowed packets are never answered
 *   NETWORK_SOCKET   ERRNO, of every internet socket
 *   NETWORK_THREADS  ERRNO, of every thread
 *   NETWORK_MOST_THREADS  how many threads can be had
 *   NETWORK_CLOCK    seconds since 1970
 *   NETWORK_FILES    PATH=MS;PATH=MS   how long it takes to open a file, as on a share that is far or gone */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The value behind `key=` in a list with `;` between its entries; 0 where there is none. */
static int find(const char *list, const char *key, char *value, size_t size)
{
    size_t length = strlen(key);

    while (list != NULL && *list != '\0') {
        size_t entry = strcspn(list, ";");
        if (entry > length && strncmp(list, key, length) == 0 && list[length] == '=') {
            snprintf(value, size, "%.*s", (int)(entry - length - 1), list + length + 1);
            return 1;
        }
        list += entry + (list[entry] == ';');
    }
    return 0;
}

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    const char *names = getenv("NETWORK_NAMES");
    struct addrinfo numeric = { 0 }, **end = found;
    char addresses[512], *address, *rest = addresses, number[64];
    int failed;

    *(void **)&real = next("getaddrinfo");
    if (names == NULL || node == NULL || strcmp(node, "localhost") == 0 || strchr(node, ':') != NULL ||
        inet_pton(AF_INET, node, number) == 1)
        return real(node, service, hints, found);
    if (!find(names, node, addresses, sizeof addresses))
        return EAI_NONAME;
    if (strcmp(addresses, "hang") == 0)
        for (;;)
            pause();
    if (hints != NULL)
        numeric = *hints;
    numeric.ai_flags = AI_NUMERICHOST;
    *found = NULL;
    while ((address = strtok_r(rest, ",", &rest)) != NULL) {
        int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
        if (hints != NULL && hints->ai_family != AF_UNSPEC && hints->ai_family != family)
            continue;
        failed = real(address, service, &numeric, end);
        if (failed)
            return failed;
        while (*end != NULL)
            end = &(*end)->ai_next;
    }
    return *found == NULL ? EAI_NONAME : 0;
}

/* A listener whose backlog is full: the kernel drops what else wants in. */
static int connect_to_nobody(int descriptor, int family, int (*real)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_storage address = { 0 };
    socklen_t length = sizeof address;
    int listener = socket(family, SOCK_STREAM, 0), filler;

    address.ss_family = (sa_family_t)family;
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
    else
        ((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) != 0 ||
        listen(listener, 0) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return -1;
    for (int i = 0; i < 4; i++) {
        filler = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        real(filler, (struct sockaddr *)&address, length);
    }
    usleep(1000);
    return real(descriptor, (struct sockaddr *)&address, length);
}

int connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t);
    char text[INET6_ADDRSTRLEN] = "", what[32];

    *(void **)&real = next("connect");
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    if (text[0] == '\0' || !find(getenv("NETWORK_CONNECT"), text, what, sizeof what))
        return real(descriptor, address, length);
    if (strcmp(what, "swallow") == 0)
        return connect_to_nobody(descriptor, address->sa_family, real);
    errno = atoi(what);
    return -1;
}

/* What the Rust library opens files with. */
int open64(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...);
    char milliseconds[16];
    va_list rest;
    mode_t mode;

    *(void **)&real = next("open64");
    va_start(rest, flags);
    mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (find(getenv("NETWORK_FILES"), path, milliseconds, sizeof milliseconds))
        usleep((useconds_t)atoi(milliseconds) * 1000);
    return real(path, flags, mode);
}

int socket(int domain, int type, int protocol)
{
    int (*real)(int, int, int);
    const char *refused = getenv("NETWORK_SOCKET");

    *(void **)&real = next("socket");
    if (refused != NULL && (domain == AF_INET || domain == AF_INET6)) {
        errno = atoi(refused);
        return -1;
    }
    return real(domain, type, protocol);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    const char *refused = getenv("NETWORK_THREADS"), *most = getenv("NETWORK_MOST_THREADS");
    static int threads;

    *(void **)&real = next("pthread_create");
    if (most != NULL && __sync_add_and_fetch(&threads, 1) > atoi(most))
        return EAGAIN;
    return refused != NULL ? atoi(refused) : real(thread, attributes, run, argument);
}

int clock_gettime(clockid_t which, struct timespec *now)
{
    int (*real)(clockid_t, struct timespec *);
    const char *set = getenv("NETWORK_CLOCK");
    int outcome;

    *(void **)&real = next("clock_gettime");
    outcome = real(which, now);
    if (set != NULL && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        now->tv_sec = atoll(set);
    return outcome;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
