/* Fetches a token, or fails to, and dies with a core dump: what is left in it is for the test to judge.
 *
 * Standard input gives five lines: what to do, the base URL, the CA file, the client id and the secret.
 *
 *   wipe    fetches a token, and frees and wipes everything
 *   keep    fetches a token, and keeps everything; more lines may follow, which are kept too
 *   client  lets a client fetch a token, and keeps nothing but the client
 *   rotate  as client, whose pair comes from files; then the files hold another, then another is pushed: six more
 *           lines are the ids and secrets of these two, then the paths of the files
 *   fail    fetches in vain within 300 ms, and keeps nothing but the error
 *
 * Standard output gets the token, or the status. No stdio anywhere, for its buffers are nobody's to wipe. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <sm_token.h>

static char input[16384];
static char header[16 * 1024 + 8];
static int heard;

static void wipe(char *text, size_t size)
{
    volatile char *byte = text;

    for (size_t i = 0; i < size; i++)
        byte[i] = 0;
}

/* Everything that the library has to say is worded; nothing of it is kept here. */
static void SM_CALL hear(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    heard += message[0] != '\0';
}

static void print(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(4);
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

/* Waits until the library's threads have ended, which hold their own until then. */
static void wait_until_alone(void)
{
    const struct timespec a_while = {0, 1000000};
    int threads = 0;

    for (int tries = 0; threads != 1 && tries < 10000; tries++) {
        DIR *tasks = opendir("/proc/self/task");
        struct dirent *task;

        if (tasks == NULL)
            _exit(5);
        threads = 0;
        while ((task = readdir(tasks)) != NULL)
            threads += task->d_name[0] != '.';
        closedir(tasks);
        nanosleep(&a_while, NULL);
    }
    if (threads != 1)
        _exit(6);
}

static void write_file(const char *path, const char *text)
{
    int place = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (place < 0 || write(place, text, strlen(text)) < 0 || close(place) != 0)
        _exit(8);
}

/* Drops the token, and has the client fetch another with the pair that there is now. */
static void fetch_another(sm_client *client)
{
    sm_client_invalidate(client, NULL);
    if (sm_client_authorization(client, header, sizeof header, NULL, NULL) != SM_OK)
        _exit(3);
}

/* A client that used three pairs, one after the other; it holds the last. */
static sm_client *rotated(char **rest, sm_options *options, const char *client_id, const char *client_secret)
{
    const char *second_id = next_line(rest), *second_secret = next_line(rest);
    const char *third_id = next_line(rest), *third_secret = next_line(rest);
    const char *id_file = next_line(rest), *secret_file = next_line(rest);
    sm_client *client = NULL;

    write_file(id_file, client_id);
    write_file(secret_file, client_secret);
    if (sm_options_set_credential_files(options, id_file, secret_file) != SM_OK
        || sm_client_new(NULL, NULL, options, &client, NULL) != SM_OK)
        _exit(3);
    fetch_another(client);
    write_file(id_file, second_id);
    write_file(secret_file, second_secret);
    fetch_another(client);
    if (sm_client_set_credentials(client, third_id, third_secret, NULL) != SM_OK)
        _exit(3);
    fetch_another(client);
    return client;
}

static void dump_core(void)
{
    struct rlimit core;

    core.rlim_cur = core.rlim_max = RLIM_INFINITY;
    if (setrlimit(RLIMIT_CORE, &core) != 0 && getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = core.rlim_max;
        setrlimit(RLIMIT_CORE, &core);
    }
    abort();
}

int main(void)
{
    char *rest = input, *mode, *base_url, *ca_file, *client_id, *client_secret;
    sm_options *options = sm_options_new();
    sm_client *client = NULL;
    sm_token *token = NULL;
    sm_error *error = NULL;

    read_input();
    mode = next_line(&rest);
    base_url = next_line(&rest);
    ca_file = next_line(&rest);
    client_id = next_line(&rest);
    client_secret = next_line(&rest);
    if (sm_options_set_base_url(options, base_url) != SM_OK || sm_options_set_ca_file(options, ca_file) != SM_OK
        || sm_options_set_log(options, hear, NULL, SM_LOG_DEBUG) != SM_OK)
        _exit(3);

    if (strcmp(mode, "client") == 0) {
        if (sm_client_new(client_id, client_secret, options, &client, NULL) != SM_OK
            || sm_client_authorization(client, header, sizeof header, NULL, NULL) != SM_OK)
            _exit(3);
        print(header + strlen("Bearer "));
    } else if (strcmp(mode, "rotate") == 0) {
        client = rotated(&rest, options, client_id, client_secret);
        print(header + strlen("Bearer "));
    } else if (strcmp(mode, "fail") == 0) {
        char status[] = {'0', '0', '\0'};

        sm_options_set_timeout_ms(options, 300);
        sm_options_set_max_retries(options, 0);
        if (sm_token_fetch(client_id, client_secret, options, &token, &error) == SM_OK)
            _exit(3);
        status[0] = (char)('0' + sm_error_status(error) / 10);
        status[1] = (char)('0' + sm_error_status(error) % 10);
        print(status);
    } else {
        if (sm_token_fetch(client_id, client_secret, options, &token, NULL) != SM_OK)
            _exit(3);
        print(sm_token_access_token(token));
    }
    if (heard == 0)
        _exit(7);
    close(STDOUT_FILENO);

    if (strcmp(mode, "keep") != 0) {
        sm_token_free(token);
        sm_options_free(options);
        wipe(header, sizeof header);
        wipe(input, sizeof input);
        wait_until_alone();
    }
    dump_core();
}
