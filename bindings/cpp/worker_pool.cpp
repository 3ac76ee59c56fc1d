// Eight workers share one client: the first call fetches the token, every other takes it from memory.
//
//     c++ -std=c++17 worker_pool.cpp -o worker_pool $(pkg-config --cflags --libs sm_token) -lpthread
//
// Credentials and service come from the environment, as in example.cpp.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <sm_token.hpp>

namespace {

constexpr int workers = 8;
constexpr int requests = 1000;

// Sends a request; a 401 drops the token that was refused, and another is tried once.
template <class Send> int send_with_token(sm::client &client, Send send)
{
    std::string authorization = client.authorization();
    int status = send(authorization);
    if (status == 401) {
        client.invalidate(authorization);
        status = send(client.authorization());
    }
    return status;
}

// Stands for a request with this Authorization header, which the first token is refused for.
int request(const std::string &authorization, const std::string &refused)
{
    return authorization == refused ? 401 : 200;
}

} // namespace

int main()
{
    try {
        sm::client client(sm::options{}.ca_file(std::getenv("SM_TOKEN_CA_FILE")));
        const std::string refused = client.authorization();
        std::atomic<int> served{0};

        std::vector<std::thread> threads;
        for (int i = 0; i < workers; ++i)
            threads.emplace_back([&] {
                try {
                    for (int n = 0; n < requests; ++n)
                        if (send_with_token(client, [&](const std::string &authorization) {
                                return request(authorization, refused);
                            }) == 200)
                            ++served;
                } catch (const sm::error &error) {
                    std::cerr << "no token: " << error.what() << '\n';
                }
            });
        for (std::thread &thread : threads)
            thread.join();

        std::cout << workers << " workers made " << served << " requests with one client\n";
        return served == workers * requests ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const sm::error &error) {
        std::cerr << "no client: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
