/* Fetches a token, and dies with a core dump: what is left in it is for the test to judge.
 *
 * Standard input gives five lines: what to do (`wipe` everything, or `keep` it all), the base URL, the CA file, the
 * client id and the secret. With `keep` more lines may follow, which are kept too. Standard output gets the token.
 * No stdio anywhere, for its buffers are nobody's to wipe. */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sm_token.h>

static char input[16384];

static void wipe_input(void)
{
    volatile char *byte = input;

    for (size_t i = 0; i < sizeof input; i++)
        byte[i] = 0;
}

static void read_input(void)
{
    size_t filled = 0;
    ssize_t more;

    while ((more = read(STDIN_FILENO, input + filled, sizeof input - 1 - filled)) > 0)
        filled += (size_t)more;
}

/* Cuts the next line off what is left. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');

    if (end == NULL)
        _exit(2);
    *end = '\0';
    *rest = end + 1;
    return line;
}

int main(void)
{
    struct rlimit core;
    char *rest = input, *mode, *base_url, *ca_file, *client_id, *client_secret;
    sm_options *options;
    sm_token *token = NULL;
    const char *text;
    int keep;

    read_input();
    mode = next_line(&rest);
    base_url = next_line(&rest);
    ca_file = next_line(&rest);
    client_id = next_line(&rest);
    client_secret = next_line(&rest);
    keep = strcmp(mode, "keep") == 0;

    options = sm_options_new();
    if (sm_options_set_base_url(options, base_url) != SM_OK || sm_options_set_ca_file(options, ca_file) != SM_OK
        || sm_token_fetch(client_id, client_secret, options, &token, NULL) != SM_OK)
        _exit(3);
    text = sm_token_access_token(token);
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(4);
    close(STDOUT_FILENO);

    if (!keep) {
        sm_token_free(token);
        sm_options_free(options);
        wipe_input();
    }

    core.rlim_cur = core.rlim_max = RLIM_INFINITY;
    if (setrlimit(RLIMIT_CORE, &core) != 0 && getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = core.rlim_max;
        setrlimit(RLIMIT_CORE, &core);
    }
    abort();
}
