/* Fetches an access token and shows what came with it, the token itself masked.
 *
 *     c++ -std=c++17 example.cpp -o example $(pkg-config --cflags --libs sm_token)
 *
 * The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL
 * where it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own. */
#include <cstdlib>
#include <iostream>

#include <sm_token.hpp>

static void show(const sm::token &token)
{
    const std::string_view text = token.access_token();

    std::cout << "  type     " << token.type() << '\n'
              << "  scope    " << token.scope() << '\n'
              << "  expires  in " << token.expires_in().count() << " seconds\n"
              << "  token    " << text.substr(0, 4) << "... (" << text.size() << " characters)\n";
}

static void show(const sm::error &error)
{
    std::cerr << "no token: " << error.what() << '\n';
    if (const auto wait = error.retry_after())
        std::cerr << "try again in " << wait->count() << " ms\n";
    else if (error.retryable())
        std::cerr << "this may pass: try again later\n";
    else
        std::cerr << "trying again will not help: mend the cause first\n";
}

int main()
{
    try {
        /* A server with a private certificate authority; null, the variable not set, keeps the default. */
        const auto options = sm::options{}.ca_file(std::getenv("SM_TOKEN_CA_FILE"));
        show(sm::fetch(options));
    } catch (const sm::error &error) {
        show(error);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
