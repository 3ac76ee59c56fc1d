// A handler that does not return: `unwinding HANDLER WAY`, where the handler is log, keep_waiting, ready or step, and the
// way an exception or pthread_exit. The process has to end; where it goes on, it says so.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <sm_token.h>

namespace {

std::string handler, way;

void must(bool holds, const char *what)
{
    if (!holds) {
        std::perror(what);
        _exit(2);
    }
}

void leave()
{
    if (way == "pthread_exit")
        pthread_exit(nullptr);
    throw 1;
}

void SM_CALL log(void *, std::int32_t, const char *)
{
    leave();
}

std::int32_t SM_CALL keep_waiting(void *)
{
    leave();
    return 1;
}

void SM_CALL ready(void *, sm_status, sm_token *, sm_error *)
{
    leave();
}

std::int32_t SM_CALL step(void *, const char *, std::int32_t, const char *, const char *)
{
    leave();
    return 1;
}

/// A server that takes connections and does not answer, so that there is something to wait for.
std::string silent_server()
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    socklen_t length = sizeof address;

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto *any = reinterpret_cast<sockaddr *>(&address);
    must(listener >= 0 && bind(listener, any, length) == 0 && listen(listener, 4) == 0, "listen");
    must(getsockname(listener, any, &length) == 0, "getsockname");
    return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

void call()
{
    sm_options *options = sm_options_new();
    sm_client *client = nullptr;
    sm_token *token = nullptr;

    must(sm_options_set_base_url(options, silent_server().c_str()) == SM_OK, "sm_options_set_base_url");
    must(sm_options_set_timeout_ms(options, 300) == SM_OK, "sm_options_set_timeout_ms");
    if (handler == "log")
        sm_options_set_log(options, log, nullptr, SM_LOG_DEBUG);
    if (handler == "keep_waiting")
        sm_options_set_keep_waiting(options, keep_waiting, nullptr);
    if (handler == "step") {
        sm_check("id", "secret", options, step, nullptr, nullptr);
        return;
    }
    must(sm_client_new("id", "secret", options, &client, nullptr) == SM_OK, "sm_client_new");
    if (handler == "ready") {
        sm_client_when_ready(client, ready, nullptr, nullptr);
        sleep(5);
    }
    sm_client_token(client, &token, nullptr);
}

void *calls(void *)
{
    if (way == "pthread_exit") {
        call();
        return nullptr;
    }
    try {
        call();
    } catch (int) {
    }
    return nullptr;
}

} // namespace

int main(int argc, char **argv)
{
    pthread_t thread;

    must(argc == 3, "two arguments");
    handler = argv[1];
    way = argv[2];
    must(pthread_create(&thread, nullptr, calls, nullptr) == 0, "pthread_create");
    must(pthread_join(thread, nullptr) == 0, "pthread_join");
    std::puts("went on");
}
