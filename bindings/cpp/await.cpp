// A coroutine that awaits a token (C++20): nothing blocks while the request is under way.
//
//     c++ -std=c++20 await.cpp -o await $(pkg-config --cflags --libs sm_token)

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <optional>

#include <sm_token.hpp>

// What `co_await next_token(client)` waits for. The coroutine goes on a thread of the library: one that does more than
// a little there hands itself to an executor of its own first.
struct next_token {
    explicit next_token(const sm::client &from) : client(from) {}

    bool await_ready() const noexcept { return false; }

    void await_suspend(std::coroutine_handle<> waiting)
    {
        client.when_ready([this, waiting](sm::outcome outcome) {
            ended.emplace(std::move(outcome));
            waiting.resume();
        });
    }

    sm::token await_resume() { return std::move(*ended).token(); }

    const sm::client &client;
    std::optional<sm::outcome> ended;
};

// The simplest coroutine: it starts at once, and its result is a future.
struct task {
    struct promise_type {
        std::promise<std::string> result;

        task get_return_object() { return {result.get_future()}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_value(std::string value) { result.set_value(std::move(value)); }
        void unhandled_exception() { result.set_exception(std::current_exception()); }
    };

    std::future<std::string> result;
};

task describe(const sm::client &client)
{
    const sm::token token = co_await next_token(client);
    co_return std::string(token.type()) + " token, good for " + std::to_string(token.expires_in().count()) + " s";
}

int main()
{
    try {
        const sm::client client(sm::options{}.ca_file(std::getenv("SM_TOKEN_CA_FILE")));
        task cold = describe(client), other = describe(client);
        std::cout << cold.result.get() << "\n" << other.result.get() << "\n";
    } catch (const sm::error &error) {
        std::cerr << "no token: " << error.what() << "\n";
        return 1;
    }
}
