/* A peer that hangs up in the middle of a request costs an error, not the process: SIGPIPE is at its default action,
 * which kills. Needs no server. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>

#include <sm_token.h>

#include "check.h"
#include "loopback.h"

/* More than the sockets' buffers take, so that the request is still being written when the peer goes. */
enum { SCOPE_LENGTH = 16 * 1024 * 1024 };

/* Says goodbye first, so that the write that meets the reset is one on a closed connection: EPIPE, and the signal. */
static void *hang_up(void *argument)
{
    const loopback *server = argument;
    const struct linger at_once = { 1, 0 };
    int connection = accept(server->listener, NULL, NULL);
    char start[64];

    loopback_must(connection >= 0, "accept");
    loopback_must(shutdown(connection, SHUT_WR) == 0, "shutdown");
    loopback_must(read(connection, start, sizeof start) > 0, "read");
    loopback_must(setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0, "setsockopt");
    close(connection);
    return NULL;
}

/* promise: no-sigpipe */
CHECK(a_peer_that_hangs_up_in_the_request_is_an_error)
{
    loopback server;
    pthread_t peer;
    char *scope = malloc(SCOPE_LENGTH + 1);
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_status status;

    memset(scope, 's', SCOPE_LENGTH);
    scope[SCOPE_LENGTH] = '\0';
    loopback_listen(&server);
    EXPECT_INT(sm_options_set_base_url(options, server.base_url), SM_OK);
    EXPECT_INT(sm_options_set_scope(options, scope), SM_OK);
    EXPECT_INT(sm_options_set_max_retries(options, 0), SM_OK);
    EXPECT(pthread_create(&peer, NULL, hang_up, &server) == 0);
    status = sm_token_fetch("id", "secret", options, &token, NULL);
    EXPECT(pthread_join(peer, NULL) == 0);
    EXPECT_INT(status, SM_ERROR_IO);
    loopback_close(&server);
    sm_options_free(options);
    free(scope);
}

CHECK(sigpipe_is_still_at_its_default)
{
    struct sigaction action;

    EXPECT(sigaction(SIGPIPE, NULL, &action) == 0);
    EXPECT(action.sa_handler == SIG_DFL);
}

int main(void)
{
    signal(SIGPIPE, SIG_DFL);
    RUN(a_peer_that_hangs_up_in_the_request_is_an_error);
    RUN(sigpipe_is_still_at_its_default);
    return CHECKS_EXIT_CODE;
}
