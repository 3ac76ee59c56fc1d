/* A server of one thread on 127.0.0.1, inside the test program: for checks that must know what was sent to the
 * byte, or that need a peer of a particular rudeness. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portable.h"

typedef struct {
    char base_url[40];
    int listener;
    pthread_t thread;
    const char *answer;
    char request[4096];
} loopback;

static inline void loopback_must(int holds, const char *step)
{
    if (!holds) {
        perror(step);
        abort();
    }
}

/* Binds a free port and listens: connections succeed from now on, and wait. */
static inline void loopback_listen(loopback *server)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    memset(server, 0, sizeof *server);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    portable_sockets();
    server->listener = (int)socket(AF_INET, SOCK_STREAM, 0);
    loopback_must(server->listener >= 0, "socket");
    loopback_must(bind(server->listener, (struct sockaddr *)&address, length) == 0, "bind");
    loopback_must(listen(server->listener, 16) == 0, "listen");
    loopback_must(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
    snprintf(server->base_url, sizeof server->base_url, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
}

static inline void loopback_close(loopback *server)
{
    close_socket(server->listener);
}

static inline int loopback_request_is_complete(const char *request)
{
    const char *body = strstr(request, "\r\n\r\n");
    const char *length = strstr(request, "ontent-");

    while (length != NULL && strncmp(length, "ontent-Length:", 14) != 0 && strncmp(length, "ontent-length:", 14) != 0)
        length = strstr(length + 1, "ontent-");
    return body != NULL && (length == NULL || strlen(body + 4) >= (size_t)atoi(length + 14));
}

static inline void *loopback_answer_one(void *argument)
{
    loopback *server = argument;
    int connection = (int)accept(server->listener, NULL, NULL);
    size_t filled = 0;

    loopback_must(connection >= 0, "accept");
    while (!loopback_request_is_complete(server->request)) {
        long more = receive(connection, server->request + filled, sizeof server->request - 1 - filled);
        if (more <= 0)
            break;
        filled += (size_t)more;
    }
    loopback_must(transmit(connection, server->answer, strlen(server->answer)) >= 0, "write");
    close_socket(connection);
    return NULL;
}

/* Takes one request, gives this answer, and closes. */
static inline void loopback_start(loopback *server, const char *answer)
{
    server->answer = answer;
    memset(server->request, 0, sizeof server->request);
    loopback_must(pthread_create(&server->thread, NULL, loopback_answer_one, server) == 0, "pthread_create");
}

/* Waits until the answer is given; the request can be read then. */
static inline void loopback_finish(loopback *server)
{
    loopback_must(pthread_join(server->thread, NULL) == 0, "pthread_join");
    loopback_close(server);
}

#define LOOPBACK_TOKEN                                                             \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" \
    "{\"access_token\": \"t0ken\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}"

#endif
