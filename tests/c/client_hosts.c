/* A host that may not block: bounded waits, waits that it ends, callbacks and signals, each with its races. Run with the
 * environment that leads to a server. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "client_scene.h"

/* ---- outcomes that are called back ---- */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t one_more;
    int calls, tokens, errors, inside, on_own_thread;
    sm_status last;
    pthread_t caller;
    sm_client *to_free;
} outcomes;

#define NO_OUTCOMES { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, 0, 0, SM_OK, 0, NULL }

static void SM_CALL count(void *user_data, sm_status status, sm_token *token, sm_error *error)
{
    outcomes *self = user_data;

    must((status == SM_OK) == (token != NULL) && (status != SM_OK) == (error != NULL), "one of token and error");
    must(error == NULL || sm_error_status(error) == status, "the error's status");
    if (self->to_free != NULL)
        sm_client_free(self->to_free);
    pthread_mutex_lock(&self->lock);
    self->to_free = NULL;
    self->calls++;
    self->tokens += token != NULL;
    self->errors += error != NULL;
    self->last = status;
    self->on_own_thread += pthread_equal(self->caller, pthread_self()) != 0;
    pthread_cond_signal(&self->one_more);
    pthread_mutex_unlock(&self->lock);
    sm_token_free(token);
    sm_error_free(error);
}

static void registers(outcomes *self, sm_client *client)
{
    pthread_mutex_lock(&self->lock);
    self->caller = pthread_self();
    pthread_mutex_unlock(&self->lock);
    must(sm_client_when_ready(client, count, self, NULL) == SM_OK, "sm_client_when_ready");
}

/* Waits for so many calls, and a moment longer for one too many. */
static void await_calls(outcomes *self, int calls)
{
    pthread_mutex_lock(&self->lock);
    while (self->calls < calls)
        pthread_cond_wait(&self->one_more, &self->lock);
    pthread_mutex_unlock(&self->lock);
    sleep_until_us(now_us() + 50000);
}

static void report_outcomes(const char *act, outcomes *self)
{
    pthread_mutex_lock(&self->lock);
    act_begin(act);
    json_number("calls", self->calls);
    json_number("tokens", self->tokens);
    json_number("errors", self->errors);
    json_number("last", self->last);
    json_number("on_own_thread", self->on_own_thread);
    act_end();
    pthread_mutex_unlock(&self->lock);
}

static void many(void)
{
    const int many = (int)setting("SCENE_MANY", 10000);
    const long own_threads = threads();
    sm_client *client = scene_client();
    outcomes cold = NO_OUTCOMES, warm = NO_OUTCOMES;

    for (int i = 0; i < many; i++)
        registers(&cold, client);
    await_calls(&cold, many);
    report_outcomes("cold", &cold);
    for (int i = 0; i < many; i++)
        registers(&warm, client);
    await_calls(&warm, many);
    report_outcomes("warm", &warm);
    sm_client_free(client);
    act_begin("after");
    json_number("threads_left", threads_settled(own_threads, 2000000) - own_threads);
    act_end();
}

static void *register_often(void *argument)
{
    caller *self = argument;
    outcomes *all = (outcomes *)self->token;

    for (int i = 0; i < 500; i++)
        if (sm_client_when_ready(self->client, count, all, NULL) == SM_OK)
            __atomic_fetch_add(&all->inside, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* Threads that register while another shuts the client down. */
static void shut_down_amid(void)
{
    static caller callers[4];
    sm_client *client = scene_client();
    outcomes all = NO_OUTCOMES;

    for (int i = 0; i < 4; i++)
        callers[i].token = (sm_token *)&all;
    callers_start(callers, 4, client, register_often);
    sm_client_shutdown(client);
    callers_join(callers, 4);
    await_calls(&all, all.inside);
    act_begin("shut down");
    json_number("registered", all.inside);
    json_number("calls", all.calls);
    act_end();
    sm_client_free(client);
}

static void canceled(void)
{
    const long own_threads = threads();
    sm_client *client = scene_client();
    outcomes hanging = NO_OUTCOMES;
    int64_t began_us;

    registers(&hanging, client);
    registers(&hanging, client);
    began_us = now_us();
    sm_client_free(client);
    await_calls(&hanging, 2);
    report_outcomes("freed", &hanging);
    act_begin("left");
    json_number("took_us", now_us() - began_us);
    json_number("threads_left", threads_settled(own_threads, 5000000) - own_threads);
    act_end();
}

static void freed_by_its_callback(void)
{
    const int many = (int)setting("SCENE_MANY", 10000) / 100;
    outcomes all = NO_OUTCOMES;

    /* The callback can be quicker than the call that registers it. */
    for (int i = 0; i < many; i++) {
        sm_client *client = scene_client();

        if (i % 2 == 0) {
            caller one = { 0 };

            one.client = client;
            ask_authorization(&one);
        }
        all.to_free = client;
        registers(&all, client);
        pthread_mutex_lock(&all.lock);
        while (all.calls <= i)
            pthread_cond_wait(&all.one_more, &all.lock);
        pthread_mutex_unlock(&all.lock);
    }
    report_outcomes("called", &all);
}

/* ---- fork ---- */

static int forks_in_its_callback;
static int child_answer[2];

static void SM_CALL fork_here(void *user_data, sm_status status, sm_token *token, sm_error *error)
{
    sm_client *client = user_data;

    sm_token_free(token);
    sm_error_free(error);
    (void)status;
    if (__atomic_fetch_add(&forks_in_its_callback, 1, __ATOMIC_SEQ_CST) == 0 && fork() == 0) {
        char authorization[AUTHORIZATION_SIZE];
        char ok = sm_client_authorization(client, authorization, sizeof authorization, NULL, NULL) == SM_OK;

        alarm(10);
        must(write(child_answer[1], &ok, 1) == 1, "write");
        /* Goes on into the library in the child, which may call nobody else back there. */
    } else if (forks_in_its_callback > 1) {
        char another = 'x';

        must(write(child_answer[1], &another, 1) == 1, "write");
    }
}

static void forked(void)
{
    sm_client *client = scene_client();
    outcomes hanging = NO_OUTCOMES, in_the_child = NO_OUTCOMES;
    char answers[4];
    ssize_t further;
    int status = -1;
    pid_t child;

    /* By the callback itself: the parent calls the second, the child does not. */
    must(pipe(child_answer) == 0, "pipe");
    must(sm_client_when_ready(client, fork_here, client, NULL) == SM_OK, "sm_client_when_ready");
    must(sm_client_when_ready(client, fork_here, client, NULL) == SM_OK, "sm_client_when_ready");
    must(read(child_answer[0], answers, 1) == 1 && wait(&status) > 0, "no child");
    must(read(child_answer[0], answers, 1) == 1, "no second answer");
    sleep_until_us(now_us() + 100000);
    must(fcntl(child_answer[0], F_SETFL, O_NONBLOCK) == 0, "fcntl");
    further = read(child_answer[0], answers, sizeof answers);
    act_begin("forked by the callback");
    json_number("exit", status);
    json_number("further_answers", further > 0 ? further : 0);
    act_end();

    /* By another thread, with a registration that waits. */
    sm_client_invalidate(client, NULL);
    registers(&hanging, client);
    child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        alarm(20);
        registers(&in_the_child, client);
        await_calls(&in_the_child, 1);
        sm_client_free(client);
        sleep_until_us(now_us() + 300000);
        _exit(hanging.calls * 10 + (in_the_child.calls != 1));
    }
    must(waitpid(child, &status, 0) == child, "waitpid");
    await_calls(&hanging, 1);
    act_begin("forked beside");
    json_number("exit", status);
    json_number("parents_calls", hanging.calls);
    act_end();
    sm_client_free(client);
}

/* ---- exit ---- */

static volatile int gone;

static void SM_CALL use(void *user_data, sm_status status, sm_token *token, sm_error *error)
{
    (void)user_data;
    (void)status;
    sm_token_free(token);
    sm_error_free(error);
    for (int i = 0; i < 20; i++) {
        if (gone)
            abort();
        sleep_until_us(now_us() + 100);
    }
}

static void goes(void)
{
    gone = 1;
    sleep_until_us(now_us() + 20000);
}

/* What callbacks use is gone once the process exits: none may run by then. */
static void exits(void)
{
    sm_client *client = scene_client();

    must(atexit(goes) == 0, "atexit");
    for (int i = 0; i < 10000; i++)
        must(sm_client_when_ready(client, use, NULL, NULL) == SM_OK, "sm_client_when_ready");
    sleep_until_us(now_us() + setting("SCENE_EXITS_AFTER_MS", 0) * INT64_C(1000));
    exit(0);
}

/* ---- signals ---- */

static int is_readable(int descriptor, int within_ms)
{
    struct pollfd readable = { descriptor, POLLIN, 0 };

    return poll(&readable, 1, within_ms) == 1;
}

static void within(caller *self, int64_t wait_ms)
{
    sm_error *error = NULL;
    sm_status status;

    caller_begins(self);
    status = sm_client_authorization_within(self->client, wait_ms, self->authorization, sizeof self->authorization,
                                            NULL, &error);
    must(status != SM_ERROR_TIMEOUT || sm_error_is_retryable(error), "a timeout that is not retryable");
    caller_is_back(self, status, error);
}

static void report_call(const char *act, const caller *self)
{
    act_begin(act);
    json_number("status", self->status);
    json_number("took_us", self->took_us - self->late_us);
    json_number("retry_after_ms", self->retry_after_ms);
    act_end();
}

static void signaled(void)
{
    caller one = { 0 };
    uint64_t value = 0;
    int descriptor = eventfd(0, EFD_CLOEXEC);

    one.client = scene_client();
    within(&one, 0);
    report_call("not yet", &one);
    must(sm_client_signal_when_ready(one.client, descriptor, NULL) == SM_OK, "sm_client_signal_when_ready");
    must(is_readable(descriptor, 20000), "no signal came");
    within(&one, 0);
    report_call("signaled", &one);
    must(read(descriptor, &value, sizeof value) == sizeof value, "read");
    act_begin("eventfd");
    json_number("value", (int64_t)value);
    act_end();
    sm_client_free(one.client);
    close(descriptor);
}

/* The caller closes its end, or both, before the signal; the number then stands for a file of its own. */
static void closed_before_the_signal(void)
{
    char path[] = "/tmp/sm-token-XXXXXX";
    sm_client *client = scene_client();
    int both[2], file, refused[2];

    must(pipe(both) == 0, "pipe");
    must(sm_client_signal_when_ready(client, both[1], NULL) == SM_OK, "sm_client_signal_when_ready");
    refused[0] = sm_client_signal_when_ready(client, both[0], NULL);
    refused[1] = sm_client_signal_when_ready(client, 999999, NULL);
    close(both[0]);
    file = mkstemp(path);
    must(file >= 0 && dup2(file, both[1]) == both[1], "a file in place of the pipe");
    sm_client_free(client);
    sleep_until_us(now_us() + 200000);
    act_begin("closed");
    json_number("file_size", lseek(file, 0, SEEK_END));
    json_number("read_end", refused[0]);
    json_number("not_open", refused[1]);
    act_end();
    unlink(path);
}

/* ---- bounded waits, and waits that the host ends ---- */

typedef struct {
    pthread_t caller;
    int asked, elsewhere, says;
    int64_t last_us, longest_gap_us;
} host;

static int32_t SM_CALL goes_on(void *user_data)
{
    host *self = user_data;
    int64_t now = now_us();

    if (now - self->last_us > self->longest_gap_us)
        self->longest_gap_us = now - self->last_us;
    self->last_us = now;
    self->asked++;
    self->elsewhere += !pthread_equal(self->caller, pthread_self());
    return self->says;
}

static void report_host(const char *act, const host *self, const caller *one)
{
    act_begin(act);
    json_number("status", one->status);
    json_number("took_us", one->took_us - one->late_us);
    json_number("took_at_most_us", one->took_us);
    json_number("retry_after_ms", one->retry_after_ms);
    json_number("asked", self->asked);
    json_number("elsewhere", self->elsewhere);
    json_number("longest_gap_us", self->longest_gap_us - one->late_us);
    act_end();
}

static void begins(host *self, int says)
{
    memset(self, 0, sizeof *self);
    self->caller = pthread_self();
    self->says = says;
    self->last_us = now_us();
}

static void kept_waiting(void)
{
    host host;
    caller one = { 0 };
    sm_options *options = scene_options();
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status;

    must(sm_options_set_keep_waiting(options, goes_on, &host) == SM_OK, "sm_options_set_keep_waiting");
    begins(&host, 0);
    caller_begins(&one);
    status = sm_token_fetch(NULL, NULL, options, &token, &error);
    caller_is_back(&one, status, error);
    report_host("a fetch that is let go", &host, &one);

    begins(&host, 1);
    one.client = client_with(options);
    begins(&host, 1);
    within(&one, 0);
    report_host("no wait", &host, &one);
    begins(&host, 1);
    within(&one, 350);
    report_host("a bounded wait", &host, &one);
    begins(&host, 0);
    ask_token(&one);
    report_host("a call that is let go", &host, &one);
    begins(&host, 1);
    within(&one, -2);
    report_host("below -1", &host, &one);
    begins(&host, 1);
    within(&one, INT64_MAX);
    report_host("longer than the timeout", &host, &one);
    begins(&host, 1);
    within(&one, 0);
    report_host("a remembered failure", &host, &one);
    sm_client_free(one.client);
}

/* ---- a machine with nothing left to give ---- */

enum { KEPT_STACKS = 4 };

static pthread_barrier_t stacks_are_used;

static void *uses_a_stack(void *unused)
{
    pthread_barrier_wait(&stacks_are_used);
    return unused;
}

/* The C library keeps the stack of a thread that ended for the next one, such as that of the thread that read the
 * certificates. These threads take such stacks, until they are let go. */
static void use_kept_stacks(pthread_t *users)
{
    pthread_attr_t like_the_library;

    must(pthread_barrier_init(&stacks_are_used, NULL, KEPT_STACKS + 1) == 0, "pthread_barrier_init");
    must(pthread_attr_init(&like_the_library) == 0, "pthread_attr_init");
    must(pthread_attr_setstacksize(&like_the_library, 1024 * 1024) == 0, "pthread_attr_setstacksize");
    for (int i = 0; i < KEPT_STACKS; i++)
        must(pthread_create(&users[i], &like_the_library, uses_a_stack, NULL) == 0, "pthread_create");
    pthread_attr_destroy(&like_the_library);
}

static void no_resources(void)
{
    const long own_threads = threads();
    pthread_t users[KEPT_STACKS];
    struct rlimit none = { 1, 1 }, before;
    sm_client *client = scene_client();
    outcomes never = NO_OUTCOMES;
    caller one = { 0 };
    sm_status without_descriptors, without_threads;
    int descriptor = eventfd(0, EFD_CLOEXEC);

    must(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
    none.rlim_max = before.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
    without_descriptors = sm_client_signal_when_ready(client, descriptor, NULL);
    must(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");

    threads_settled(own_threads, 2000000);
    use_kept_stacks(users);
    /* Root may have any number of threads, but not of address space. */
    must(getrlimit(RLIMIT_AS, &before) == 0, "getrlimit");
    none.rlim_max = before.rlim_max;
    must(setrlimit(RLIMIT_AS, &none) == 0, "setrlimit");
    without_threads = sm_client_when_ready(client, count, &never, NULL);
    one.client = client;
    within(&one, 1000);
    must(setrlimit(RLIMIT_AS, &before) == 0, "setrlimit");
    pthread_barrier_wait(&stacks_are_used);
    for (int i = 0; i < KEPT_STACKS; i++)
        must(pthread_join(users[i], NULL) == 0, "pthread_join");
    sleep_until_us(now_us() + 100000);
    act_begin("none left");
    json_number("without_descriptors", without_descriptors == SM_ERROR_RESOURCES);
    json_number("without_threads", without_threads == SM_ERROR_RESOURCES);
    json_number("calls", never.calls);
    json_number("status", one.status);
    act_end();
    within(&one, -1);
    report_call("again", &one);
    sm_client_free(client);
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "many", many },
        { "shut-down-amid", shut_down_amid },
        { "canceled", canceled },
        { "freed-by-its-callback", freed_by_its_callback },
        { "forked", forked },
        { "exits", exits },
        { "signaled", signaled },
        { "closed-before-the-signal", closed_before_the_signal },
        { "kept-waiting", kept_waiting },
        { "no-resources", no_resources },
    };

    return PLAY(argc, argv, scenes);
}
