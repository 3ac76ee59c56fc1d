/* What the client's test programs share. Each plays one scene, named by its first argument, in the environment
 * that leads to a server, and prints a line of JSON for each act of it. Between two acts it may wait for a line on
 * its standard input, so that whoever plays with it can look at the server, or change it.
 *
 * A program that includes this defines _POSIX_C_SOURCE or _GNU_SOURCE first. */
#ifndef CLIENT_SCENE_H
#define CLIENT_SCENE_H

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sm_token.h>

#include "json.h"
#include "portable.h"

/* The servers' tokens are far shorter. */
enum { AUTHORIZATION_SIZE = 256 };

static inline void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        _exit(2);
    }
}

/* ---- time ---- */

static inline int64_t now_us(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void sleep_until_us(int64_t moment)
{
    struct timespec until;

    until.tv_sec = (time_t)(moment / 1000000);
    until.tv_nsec = (long)(moment % 1000000) * 1000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}

/* A pulse that should beat every 5 ms tells how long the machine kept this process from running: a call that took
 * long while the pulse stood still says nothing about the library. What a timer is late by anyway does not count. */
enum { PULSE_US = 5000, TIMER_LATE_US = 1000 };

static int64_t pulse_late_us;
static int pulse_stops;
static pthread_t pulse_thread;

static inline void *pulse_beat(void *unused)
{
    while (!__atomic_load_n(&pulse_stops, __ATOMIC_ACQUIRE)) {
        int64_t due = now_us() + PULSE_US, late;

        sleep_until_us(due);
        late = now_us() - due;
        if (late > TIMER_LATE_US)
            __atomic_fetch_add(&pulse_late_us, late, __ATOMIC_RELAXED);
    }
    return unused;
}

static inline void pulse_start(void)
{
    must(pthread_create(&pulse_thread, NULL, pulse_beat, NULL) == 0, "pthread_create");
}

static inline void pulse_stop(void)
{
    __atomic_store_n(&pulse_stops, 1, __ATOMIC_RELEASE);
    must(pthread_join(pulse_thread, NULL) == 0, "pthread_join");
}

static inline int64_t pulse_late(void)
{
    return __atomic_load_n(&pulse_late_us, __ATOMIC_RELAXED);
}

/* ---- the scene ---- */

static inline const char *environment(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "%s is not set\n", name);
        _exit(2);
    }
    return value;
}

static inline long number_in_environment(const char *name, long otherwise)
{
    const char *value = getenv(name);

    return value == NULL ? otherwise : strtol(value, NULL, 10);
}

static inline uint32_t setting(const char *name, uint32_t otherwise)
{
    return (uint32_t)number_in_environment(name, otherwise);
}

/* The timeouts and retries that the environment asks for. SMX_BASE_URL is the library's own to read. */
static inline sm_options *scene_options(void)
{
    sm_options *options = sm_options_new();
    uint32_t timeout = setting("SCENE_TIMEOUT_MS", 20000);
    uint32_t connect_timeout = setting("SCENE_CONNECT_TIMEOUT_MS", 10000);

    must(sm_options_set_timeout_ms(options, timeout) == SM_OK, "SCENE_TIMEOUT_MS");
    must(sm_options_set_connect_timeout_ms(options, connect_timeout) == SM_OK, "SCENE_CONNECT_TIMEOUT_MS");
    must(sm_options_set_max_retries(options, setting("SCENE_MAX_RETRIES", 0)) == SM_OK, "SCENE_MAX_RETRIES");
    must(sm_options_set_ca_file(options, getenv("SM_TOKEN_CA_FILE")) == SM_OK, "SM_TOKEN_CA_FILE");
    return options;
}

static inline sm_client *client_with(sm_options *options)
{
    sm_client *client = NULL;
    sm_error *error = NULL;

    if (sm_client_new(NULL, NULL, options, &client, &error) != SM_OK) {
        fprintf(stderr, "no client: %s\n", sm_error_message(error));
        _exit(2);
    }
    sm_options_free(options);
    return client;
}

static inline sm_client *scene_client(void)
{
    return client_with(scene_options());
}

static inline void act_begin(const char *name)
{
    fputs("{\"act\": ", stdout);
    json_text(name);
}

static inline void act_end(void)
{
    puts("}");
    must(fflush(stdout) == 0, "fflush");
}

/* Waits until whoever plays with this program says to go on. */
static inline void await_word(void)
{
    char line[16];

    must(fgets(line, sizeof line, stdin) != NULL, "no word came");
}

/* ---- callers ---- */

typedef struct caller {
    sm_client *client;
    int number;
    sm_token *token;

    sm_status status;
    int64_t began_us, took_us, late_us;
    int64_t retry_after_ms;
    char authorization[AUTHORIZATION_SIZE];

    void *(*body)(void *);
    pthread_barrier_t *start;
    pthread_t thread;
} caller;

static inline void caller_begins(caller *self)
{
    self->late_us = pulse_late();
    self->began_us = now_us();
}

static inline void caller_is_back(caller *self, sm_status status, sm_error *error)
{
    self->took_us = now_us() - self->began_us;
    self->late_us = pulse_late() - self->late_us;
    self->status = status;
    self->retry_after_ms = sm_error_retry_after_ms(error);
    sm_error_free(error);
}

/* One call by text. */
static inline void ask_authorization(caller *self)
{
    sm_error *error = NULL;
    sm_status status;

    caller_begins(self);
    status = sm_client_authorization(self->client, self->authorization, sizeof self->authorization, NULL, &error);
    caller_is_back(self, status, error);
}

/* One call by handle, which the caller keeps. */
static inline void ask_token(caller *self)
{
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status;

    caller_begins(self);
    status = sm_client_token(self->client, &token, &error);
    caller_is_back(self, status, error);
    must(sm_token_copy(token, SM_FIELD_AUTHORIZATION, self->authorization, sizeof self->authorization, NULL) == SM_OK
             || token == NULL,
         "sm_token_copy");
    sm_token_free(self->token);
    self->token = token;
}

/* Half of the callers by handle, half by text. */
static inline void ask_either_way(caller *self)
{
    if (self->number % 2 == 0)
        ask_token(self);
    else
        ask_authorization(self);
}

static inline void *caller_runs(void *argument)
{
    caller *self = argument;

    pthread_barrier_wait(self->start);
    return self->body(self);
}

/* Lets `count` callers loose at the same moment. Theirs is what `callers` held before. */
static inline void callers_start(caller *callers, int count, sm_client *client, void *(*body)(void *))
{
    static pthread_barrier_t start;

    must(pthread_barrier_init(&start, NULL, (unsigned)count + 1) == 0, "pthread_barrier_init");
    for (int i = 0; i < count; i++) {
        callers[i].client = client;
        callers[i].number = i;
        callers[i].body = body;
        callers[i].start = &start;
        must(pthread_create(&callers[i].thread, NULL, caller_runs, &callers[i]) == 0, "pthread_create");
    }
    pthread_barrier_wait(&start);
}

static inline void callers_join(caller *callers, int count)
{
    for (int i = 0; i < count; i++)
        must(pthread_join(callers[i].thread, NULL) == 0, "pthread_join");
    if (count > 0)
        pthread_barrier_destroy(callers[0].start);
}

static inline void callers_run(caller *callers, int count, sm_client *client, void *(*body)(void *))
{
    callers_start(callers, count, client, body);
    callers_join(callers, count);
}

static inline void callers_forget(caller *callers, int count)
{
    for (int i = 0; i < count; i++) {
        sm_token_free(callers[i].token);
        memset(&callers[i], 0, sizeof callers[i]);
    }
}

/* Tells what came of them, in members of the act. What the machine was late by is taken off the slowest, but not off
 * the longest. */
static inline void callers_report(const caller *callers, int count)
{
    const caller *slowest = &callers[0];
    int64_t longest_us = 0, least_wait = INT64_MAX, most_wait = -1;
    int alike = 0, of_one_token = 0;

    for (int i = 0; i < count; i++) {
        alike += callers[i].status == callers[0].status;
        of_one_token += strcmp(callers[i].authorization, callers[0].authorization) == 0;
        if (callers[i].took_us - callers[i].late_us > slowest->took_us - slowest->late_us)
            slowest = &callers[i];
        if (callers[i].took_us > longest_us)
            longest_us = callers[i].took_us;
        if (callers[i].retry_after_ms < least_wait)
            least_wait = callers[i].retry_after_ms;
        if (callers[i].retry_after_ms > most_wait)
            most_wait = callers[i].retry_after_ms;
    }
    json_number("callers", count);
    json_number("status", callers[0].status);
    json_number("alike", alike);
    json_number("of_one_token", of_one_token);
    json_number("slowest_us", slowest->took_us - slowest->late_us);
    json_number("longest_us", longest_us);
    json_number("least_wait_ms", least_wait);
    json_number("most_wait_ms", most_wait);
}

/* ---- what the process holds, as Linux tells ---- */

static inline long field_of_status(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long value = -1;

    must(status != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(status);
    must(value >= 0, name);
    return value;
}

static inline long memory_kib(void)
{
    return field_of_status("VmRSS");
}

static inline long threads(void)
{
    return field_of_status("Threads");
}

#ifdef _WIN32

static inline long descriptors(void)
{
    DWORD open = 0;

    must(GetProcessHandleCount(GetCurrentProcess(), &open) != 0, "GetProcessHandleCount");
    return (long)open;
}

#else

static inline long descriptors(void)
{
    long open = 0, most = sysconf(_SC_OPEN_MAX);

    for (long descriptor = 0; descriptor < most && descriptor < 4096; descriptor++)
        open += lseek((int)descriptor, 0, SEEK_CUR) >= 0 || errno != EBADF;
    return open;
}

#endif

/* Threads of the library end soon after the call that they were for: waits for that, at most so long. */
static inline long threads_settled(long expected, int64_t within_us)
{
    int64_t end = now_us() + within_us;

    while (threads() > expected && now_us() < end)
        sleep_until_us(now_us() + 2000);
    return threads();
}

/* ---- which scene ---- */

typedef struct {
    const char *name;
    void (*play)(void);
} scene;

/* A scene that hangs is a failure that names itself. */
static inline int play_scene(int argc, char **argv, const scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (argc == 2 && strcmp(argv[1], scenes[i].name) == 0) {
            end_within((unsigned)number_in_environment("SCENE_ENDS_WITHIN_S", 60));
            pulse_start();
            scenes[i].play();
            pulse_stop();
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "one of these scenes, please:");
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", scenes[i].name);
    fputc('\n', stderr);
    return 2;
}

#define PLAY(argc, argv, scenes) play_scene((argc), (argv), (scenes), sizeof(scenes) / sizeof(scenes)[0])

#endif
