/* One client whose credentials change under it. Run with the environment that leads to a server. The files that
 * SCENE_CLIENT_ID_FILE and SCENE_CLIENT_SECRET_FILE name, where they are set, hold its credentials.
 *
 *   crowd  eight threads call, until standard input ends or says `stop`
 *   steps  calls when standard input says `call`
 *
 * Both take `push ID SECRET` and `invalidate`. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

enum { CROWD = 8, MOST_WARNINGS = 16, EVERY_US = 5000 };

static pthread_mutex_t warnings_lock = PTHREAD_MUTEX_INITIALIZER;
static char warnings[MOST_WARNINGS][512];
static int count_of_warnings;
static int crowd_stops;

static void SM_CALL keep_warning(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    if (level != SM_LOG_WARN)
        return;
    pthread_mutex_lock(&warnings_lock);
    if (count_of_warnings < MOST_WARNINGS)
        snprintf(warnings[count_of_warnings++], sizeof warnings[0], "%s", message);
    pthread_mutex_unlock(&warnings_lock);
}

static sm_client *client_with_files(void)
{
    sm_options *options = scene_options();
    const char *id = getenv("SCENE_CLIENT_ID_FILE"), *secret = getenv("SCENE_CLIENT_SECRET_FILE");

    must(sm_options_set_credential_files(options, id, secret) == SM_OK, "sm_options_set_credential_files");
    must(sm_options_set_log(options, keep_warning, NULL, SM_LOG_WARN) == SM_OK, "sm_options_set_log");
    return client_with(options);
}

static void push(sm_client *client, char *pair)
{
    char *secret = strchr(pair, ' ');

    must(secret != NULL, "push ID SECRET");
    *secret++ = '\0';
    must(sm_client_set_credentials(client, pair, secret, NULL) == SM_OK, "sm_client_set_credentials");
    act_begin("push");
    act_end();
}

static void report_warnings(void)
{
    pthread_mutex_lock(&warnings_lock);
    printf(", \"warnings\": [");
    for (int i = 0; i < count_of_warnings; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        json_text(warnings[i]);
    }
    printf("]");
    count_of_warnings = 0;
    pthread_mutex_unlock(&warnings_lock);
}

static void call(sm_client *client)
{
    char authorization[AUTHORIZATION_SIZE] = "";
    sm_error *error = NULL;
    int64_t began_us = now_us();
    sm_status status = sm_client_authorization(client, authorization, sizeof authorization, NULL, &error);
    int64_t took_us = now_us() - began_us;

    act_begin("call");
    printf(", \"status\": %d, \"took_us\": %" PRId64 ", \"message\": ", (int)status, took_us);
    json_text(sm_error_message(error));
    printf(", \"authorization\": ");
    json_text(authorization);
    report_warnings();
    act_end();
    sm_error_free(error);
}

/* Does what standard input says, until it ends or says something else. */
static void obey(sm_client *client)
{
    char line[512];

    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "push ", 5) == 0) {
            push(client, line + 5);
        } else if (strcmp(line, "invalidate") == 0) {
            sm_client_invalidate(client, NULL);
        } else if (strcmp(line, "call") == 0) {
            call(client);
        } else {
            return;
        }
    }
}

typedef struct {
    sm_client *client;
    long calls, failures;
    char failure[512];
    pthread_t thread;
} member;

static void *call_on_and_on(void *argument)
{
    member *self = argument;
    int64_t next_us = now_us();

    while (!__atomic_load_n(&crowd_stops, __ATOMIC_ACQUIRE)) {
        char authorization[AUTHORIZATION_SIZE];
        sm_error *error = NULL;

        self->calls++;
        if (sm_client_authorization(self->client, authorization, sizeof authorization, NULL, &error) != SM_OK
            && self->failures++ == 0)
            snprintf(self->failure, sizeof self->failure, "%s", sm_error_message(error));
        sm_error_free(error);
        sleep_until_us(next_us += EVERY_US);
    }
    return NULL;
}

static void crowd(void)
{
    static member members[CROWD];
    member all = { 0 };
    sm_client *client = client_with_files();

    for (int i = 0; i < CROWD; i++) {
        members[i].client = client;
        must(pthread_create(&members[i].thread, NULL, call_on_and_on, &members[i]) == 0, "pthread_create");
    }
    obey(client);
    __atomic_store_n(&crowd_stops, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < CROWD; i++) {
        must(pthread_join(members[i].thread, NULL) == 0, "pthread_join");
        all.calls += members[i].calls;
        all.failures += members[i].failures;
        if (members[i].failures > 0)
            memcpy(all.failure, members[i].failure, sizeof all.failure);
    }
    sm_client_free(client);
    act_begin("end");
    printf(", \"calls\": %ld, \"failures\": %ld, \"failure\": ", all.calls, all.failures);
    json_text(all.failure);
    report_warnings();
    act_end();
}

static void steps(void)
{
    sm_client *client = client_with_files();

    obey(client);
    sm_client_free(client);
}

int main(int argc, char **argv)
{
    must(argc == 2, "one scene");
    if (strcmp(argv[1], "crowd") == 0)
        crowd();
    else if (strcmp(argv[1], "steps") == 0)
        steps();
    else
        must(0, "no such scene");
    return 0;
}
