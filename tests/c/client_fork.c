/* A client in a process that forks: amid busy threads, in the middle of a flight, and during the first look-up of a
 * name. Run with the environment that leads to a server. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <limits.h>
#include <netdb.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "client_scene.h"

/* A child that takes longer hangs, and is ended by SIGALRM. */
enum { CHILD_ENDS_WITHIN_S = 30 };

/* A little less than docs/threads.md says. */
enum { LONGEST_WAIT_OF_A_FORK_US = 1900000 };

extern char **environ;

/* ---- the first look-up ---- */

static pthread_mutex_t look_up_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t held, released;
static int holds_the_look_up;

/* Stands before the C library's, which loads its modules under a lock at the first look-up. So does this one, for as
 * long as a scene wants. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    pthread_mutex_lock(&look_up_lock);
    if (holds_the_look_up) {
        holds_the_look_up = 0;
        must(sem_post(&held) == 0, "sem_post");
        must(sem_wait(&released) == 0, "sem_wait");
    }
    pthread_mutex_unlock(&look_up_lock);
    /* The way POSIX shows to turn an object pointer into one to a function. */
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    /* `localhost` is looked up nowhere, so the scenes have a server by another name. */
    return real(strcmp(node, "standard-metrics.test") == 0 ? "127.0.0.1" : node, service, hints, found);
}

/* ---- children ---- */

/* What a child has to tell; written at once, so that several can share a pipe. */
typedef struct {
    sm_status cached, fetched;
    int64_t cached_us, fetched_us;
    int is_the_parents_token;
    char authorization[AUTHORIZATION_SIZE];
} told;

static int pipe_ends[2];

static void tell(const told *message)
{
    must(sizeof *message <= PIPE_BUF && write(pipe_ends[1], message, sizeof *message) == sizeof *message, "write");
}

static int ended_well(pid_t child)
{
    int status = 0;

    must(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Gives 0 where the child hung, or died. Which child's message it is, where there are several, nobody knows. */
static int hear_from(pid_t child, told *message)
{
    memset(message, 0, sizeof *message);
    return ended_well(child) && read(pipe_ends[0], message, sizeof *message) == sizeof *message;
}

/* What most children do. */
static void ask_in_the_child(sm_client *client)
{
    told message;
    caller one = { 0 };

    alarm(CHILD_ENDS_WITHIN_S);
    memset(&message, 0, sizeof message);
    one.client = client;
    ask_authorization(&one);
    message.fetched = one.status;
    message.fetched_us = one.took_us;
    memcpy(message.authorization, one.authorization, sizeof message.authorization);
    sm_client_shutdown(client);
    sm_client_free(client);
    tell(&message);
    _exit(0);
}

/* ---- amid busy threads ---- */

enum { FORKS = 200, AT_A_TIME = 8 };

/* One token lives on, one is dropped again and again, one is soon stale and its refresh is slow. */
static sm_client *kept, *dropped, *stale;
static int busy_stops;

static sm_client *soon_stale_client(void)
{
    sm_options *options = scene_options();

    must(sm_options_set_base_url(options, environment("SCENE_STALE_URL")) == SM_OK, "SCENE_STALE_URL");
    return client_with(options);
}

static sm_status a_call(sm_client *client)
{
    caller one = { 0 };

    one.client = client;
    ask_authorization(&one);
    return one.status;
}

typedef struct {
    pthread_t thread;
    void (*once)(void);
    long rounds;
} busy;

static long busy_failures;

static void succeed(sm_client *client)
{
    if (a_call(client) != SM_OK)
        __atomic_fetch_add(&busy_failures, 1, __ATOMIC_RELAXED);
}

static void call_all(void)
{
    succeed(kept);
    succeed(stale);
    succeed(dropped);
}

static void call_the_kept_one(void)
{
    for (int i = 0; i < 1000; i++)
        succeed(kept);
}

static void drop_and_fetch(void)
{
    sm_client_invalidate(dropped, NULL);
    succeed(dropped);
}

static void drop_by_text_and_fetch(void)
{
    caller one = { 0 };

    one.client = dropped;
    ask_authorization(&one);
    sm_client_invalidate_authorization(dropped, one.authorization);
    succeed(dropped);
}

static void *keep_busy(void *argument)
{
    busy *self = argument;

    while (!__atomic_load_n(&busy_stops, __ATOMIC_ACQUIRE)) {
        self->once();
        self->rounds++;
        sleep_until_us(now_us() + 200);
    }
    return NULL;
}

static void be_the_child(const char *parents)
{
    told message;
    caller one = { 0 };

    memset(&message, 0, sizeof message);
    alarm(CHILD_ENDS_WITHIN_S);
    one.client = kept;
    ask_authorization(&one);
    message.cached = one.status;
    message.cached_us = one.took_us;
    message.is_the_parents_token = strcmp(one.authorization, parents) == 0;

    sm_client_invalidate(kept, NULL);
    ask_token(&one);
    message.fetched = one.status;
    message.fetched_us = one.took_us;
    memcpy(message.authorization, one.authorization, sizeof message.authorization);
    if (message.fetched == SM_OK)
        message.fetched = a_call(dropped);
    if (message.fetched == SM_OK)
        message.fetched = a_call(stale);

    sm_token_free(one.token);
    sm_client_shutdown(stale);
    sm_client_free(kept);
    sm_client_free(dropped);
    sm_client_free(stale);
    tell(&message);
    _exit(0);
}

static void amid_busy_threads(void)
{
    static told children[FORKS];
    busy threads[] = {
        { 0, call_all, 0 }, { 0, call_the_kept_one, 0 }, { 0, drop_and_fetch, 0 }, { 0, drop_by_text_and_fetch, 0 },
    };
    enum { THREADS = sizeof threads / sizeof threads[0] };
    caller parent = { 0 };
    int heard = 0, cached = 0, fetched = 0, repeated = 0;
    int64_t slowest_cached_us = 0, slowest_fetched_us = 0;

    must(pipe(pipe_ends) == 0, "pipe");
    kept = scene_client();
    dropped = scene_client();
    stale = soon_stale_client();
    parent.client = kept;
    ask_authorization(&parent);
    must(parent.status == SM_OK, "the parent's token");
    for (int i = 0; i < THREADS; i++)
        must(pthread_create(&threads[i].thread, NULL, keep_busy, &threads[i]) == 0, "pthread_create");

    /* Until one is lost: the others would take as long to hang. */
    for (int forked = 0; forked < FORKS && heard == forked; forked += AT_A_TIME) {
        pid_t child[AT_A_TIME];

        for (int i = 0; i < AT_A_TIME; i++) {
            child[i] = fork();
            must(child[i] >= 0, "fork");
            if (child[i] == 0)
                be_the_child(parent.authorization);
        }
        for (int i = 0; i < AT_A_TIME; i++)
            heard += hear_from(child[i], &children[heard]);
    }
    __atomic_store_n(&busy_stops, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++)
        must(pthread_join(threads[i].thread, NULL) == 0, "pthread_join");

    for (int i = 0; i < heard; i++) {
        cached += children[i].cached == SM_OK && children[i].is_the_parents_token;
        fetched += children[i].fetched == SM_OK;
        repeated += strcmp(children[i].authorization, parent.authorization) == 0;
        for (int before = 0; before < i; before++)
            repeated += strcmp(children[i].authorization, children[before].authorization) == 0;
        if (children[i].cached_us > slowest_cached_us)
            slowest_cached_us = children[i].cached_us;
        if (children[i].fetched_us > slowest_fetched_us)
            slowest_fetched_us = children[i].fetched_us;
    }
    act_begin("forked");
    json_number("forks", FORKS);
    json_number("ended_well", heard);
    json_number("served_from_memory", cached);
    json_number("fetched_their_own", fetched);
    json_number("tokens_seen_twice", repeated);
    json_number("slowest_from_memory_us", slowest_cached_us);
    json_number("slowest_fetch_us", slowest_fetched_us);
    json_number("parents_rounds", threads[0].rounds + threads[1].rounds + threads[2].rounds + threads[3].rounds);
    json_number("parents_failures", busy_failures);
    act_end();

    memset(&parent.authorization, 0, sizeof parent.authorization);
    ask_authorization(&parent);
    act_begin("parent");
    json_number("status", parent.status);
    act_end();
    sm_client_free(kept);
    sm_client_free(dropped);
    sm_client_free(stale);
}

/* ---- in the middle of a flight ---- */

static void *ask(void *argument)
{
    ask_authorization(argument);
    return NULL;
}

/* The child is done with the client, and has shut it down, before the parent's answer comes. */
static void in_a_flight(void)
{
    static caller parent;
    sm_client *client = scene_client();
    told message;
    pid_t child;

    must(pipe(pipe_ends) == 0, "pipe");
    callers_start(&parent, 1, client, ask);
    act_begin("under way");
    act_end();
    await_word();
    child = fork();
    must(child >= 0, "fork");
    if (child == 0)
        ask_in_the_child(client);
    act_begin("child");
    json_number("ended_well", hear_from(child, &message));
    json_number("status", message.fetched);
    json_member("authorization", message.authorization);
    act_end();
    callers_join(&parent, 1);
    act_begin("parent");
    json_number("status", parent.status);
    json_member("authorization", parent.authorization);
    act_end();
    sm_client_free(client);
}

/* ---- inside a call ---- */

static pid_t forked_inside = -1;

static void fork_once(void)
{
    if (forked_inside != -1)
        return;
    forked_inside = fork();
    must(forked_inside >= 0, "fork");
    if (forked_inside == 0)
        alarm(CHILD_ENDS_WITHIN_S);
}

static void fork_on_signal(int number)
{
    (void)number;
    fork_once();
}

static void SM_CALL fork_on_log(void *user_data, int32_t level, const char *message)
{
    (void)user_data, (void)level, (void)message;
    fork_once();
}

/* A handler of signals or logs forks while this thread waits for a request, and the child goes on in the call. */
static void inside_a_call(void)
{
    const struct itimerval soon = { { 0, 0 }, { 0, 200000 } };
    sm_options *options = scene_options();
    sm_client *client = NULL;
    sm_token *token = NULL;
    sm_error *error = NULL;
    told message;
    sm_status status;
    int64_t began_us = now_us();

    must(pipe(pipe_ends) == 0, "pipe");
    if (setting("SCENE_BY_SIGNAL", 0)) {
        must(signal(SIGALRM, fork_on_signal) != SIG_ERR, "signal");
        must(setitimer(ITIMER_REAL, &soon, NULL) == 0, "setitimer");
    } else {
        must(sm_options_set_log(options, fork_on_log, NULL, SM_LOG_DEBUG) == SM_OK, "sm_options_set_log");
    }
    if (setting("SCENE_WITH_CLIENT", 0)) {
        must(sm_client_new(NULL, NULL, options, &client, NULL) == SM_OK, "sm_client_new");
        status = sm_client_token(client, &token, &error);
    } else {
        status = sm_token_fetch(NULL, NULL, options, &token, &error);
    }
    must(forked_inside != -1, "a fork inside the call");
    memset(&message, 0, sizeof message);
    message.fetched = status;
    message.fetched_us = now_us() - began_us;
    snprintf(message.authorization, sizeof message.authorization, "%s", sm_token_authorization(token));
    sm_token_free(token);
    sm_error_free(error);
    sm_client_free(client);
    sm_options_free(options);
    if (forked_inside == 0) {
        tell(&message);
        _exit(0);
    }
    act_begin("parent");
    json_number("status", message.fetched);
    json_member("authorization", message.authorization);
    act_end();
    act_begin("child");
    json_number("ended_well", hear_from(forked_inside, &message));
    json_number("status", message.fetched);
    json_number("took_us", message.fetched_us);
    act_end();
}

/* ---- during the first look-up ---- */

static void *let_go_later(void *unused)
{
    sleep_until_us(now_us() + setting("SCENE_LOOK_UP_MS", 0) * INT64_C(1000));
    must(sem_post(&released) == 0, "sem_post");
    return unused;
}

/* Forks while the first look-up holds its lock, for SCENE_LOOK_UP_MS. */
static void in_the_first_look_up(void)
{
    static caller parent;
    sm_client *client;
    pthread_t time_passes;
    told message;
    int64_t began_us;
    pid_t child;

    must(pipe(pipe_ends) == 0 && sem_init(&held, 0, 0) == 0 && sem_init(&released, 0, 0) == 0, "pipe and sem_init");
    holds_the_look_up = 1;
    client = scene_client();
    callers_start(&parent, 1, client, ask);
    must(sem_wait(&held) == 0, "sem_wait");
    must(pthread_create(&time_passes, NULL, let_go_later, NULL) == 0, "pthread_create");
    began_us = now_us();
    child = fork();
    must(child >= 0, "fork");
    if (child == 0)
        ask_in_the_child(client);
    act_begin("forked");
    json_number("fork_took_us", now_us() - began_us);
    json_number("ended_well", hear_from(child, &message));
    json_number("status", message.fetched);
    json_number("took_us", message.fetched_us);
    act_end();
    must(pthread_join(time_passes, NULL) == 0, "pthread_join");
    callers_join(&parent, 1);
    sm_client_free(client);
}

static sem_t fork_has_begun;
static int look_up_shall_begin;

static void *ask_once_the_fork_has_begun(void *argument)
{
    must(sem_wait(&fork_has_begun) == 0, "sem_wait");
    ask_authorization(argument);
    return NULL;
}

/* Runs after the library's own handler, which was registered later. Gives the look-up time to begin. */
static void before_fork(void)
{
    struct timespec until;

    if (!look_up_shall_begin)
        return;
    must(sem_post(&fork_has_begun) == 0, "sem_post");
    must(clock_gettime(CLOCK_REALTIME, &until) == 0, "clock_gettime");
    until.tv_sec += 1;
    sem_timedwait(&held, &until);
}

/* A fork has looked for a first look-up, and found none, when one is about to begin. */
static void just_before_the_first_look_up(void)
{
    static caller parent;
    sm_client *client;
    told message;
    pid_t child;

    must(pipe(pipe_ends) == 0 && sem_init(&fork_has_begun, 0, 0) == 0, "pipe and sem_init");
    must(sem_init(&held, 0, 0) == 0 && sem_init(&released, 0, 0) == 0, "sem_init");
    must(pthread_atfork(before_fork, NULL, NULL) == 0, "pthread_atfork");
    client = scene_client();
    holds_the_look_up = look_up_shall_begin = 1;
    callers_start(&parent, 1, client, ask_once_the_fork_has_begun);
    child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        holds_the_look_up = 0;
        ask_in_the_child(client);
    }
    act_begin("forked");
    json_number("ended_well", hear_from(child, &message));
    json_number("status", message.fetched);
    act_end();
    must(sem_post(&released) == 0, "sem_post");
    callers_join(&parent, 1);
    act_begin("parent");
    json_number("status", parent.status);
    act_end();
    sm_client_free(client);
}

/* How a process of `fresh` ends. */
enum { WELL = 0, CHILD_FAILED = 3, PARENT_FAILED = 4, FORK_DID_NOT_WAIT = 5 };

/* One process whose first flight, with the C library's own look-up, is under way when it forks. */
static void fresh_once(void)
{
    static caller parent;
    sm_client *client = scene_client();
    int64_t forked_us, fork_took_us;
    pid_t child;
    int well;

    callers_start(&parent, 1, client, ask);
    sleep_until_us(now_us() + setting("SCENE_FORK_AFTER_US", 0));
    forked_us = now_us();
    child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        alarm(CHILD_ENDS_WITHIN_S);
        _exit(a_call(client));
    }
    fork_took_us = now_us() - forked_us;
    well = ended_well(child);
    callers_join(&parent, 1);
    sm_client_free(client);
    /* On a machine that stood still for so long the library waited for the look-up no longer. */
    if (!well)
        _exit(fork_took_us < LONGEST_WAIT_OF_A_FORK_US ? CHILD_FAILED : FORK_DID_NOT_WAIT);
    if (parent.status != SM_OK)
        _exit(PARENT_FAILED);
}

/* Many of those, forking ever later, since nobody knows which moment is bad. */
static void fresh(void)
{
    const uint32_t tries = setting("SCENE_TRIES", 100), latest_us = setting("SCENE_LATEST_US", 4000);
    int well = 0, without_a_wait = 0, failure = 0;
    uint32_t failed_after_us = 0;

    for (uint32_t i = 0; i < tries; i++) {
        char delay[16];
        char *arguments[] = { "client_fork", "fresh-once", NULL };
        uint32_t after_us = latest_us / tries * i;
        int status = 0;
        pid_t process;

        snprintf(delay, sizeof delay, "%" PRIu32, after_us);
        must(setenv("SCENE_FORK_AFTER_US", delay, 1) == 0, "setenv");
        must(posix_spawn(&process, "/proc/self/exe", NULL, NULL, arguments, environ) == 0, "posix_spawn");
        must(waitpid(process, &status, 0) == process, "waitpid");
        if (WIFEXITED(status) && WEXITSTATUS(status) == WELL) {
            well++;
        } else if (WIFEXITED(status) && WEXITSTATUS(status) == FORK_DID_NOT_WAIT) {
            without_a_wait++;
        } else {
            failure = status;
            failed_after_us = after_us;
        }
    }
    act_begin("fresh");
    json_number("tries", tries);
    json_number("ended_well", well);
    json_number("without_a_wait", without_a_wait);
    json_number("failure", failure);
    json_number("failed_after_us", failed_after_us);
    act_end();
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "busy", amid_busy_threads },
        { "in-a-flight", in_a_flight },
        { "inside-a-call", inside_a_call },
        { "in-the-first-look-up", in_the_first_look_up },
        { "just-before-the-first-look-up", just_before_the_first_look_up },
        { "fresh", fresh },
        { "fresh-once", fresh_once },
    };

    return PLAY(argc, argv, scenes);
}
