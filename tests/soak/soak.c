/* Uses clients in every way at once, in rounds, against a server that fails at random: fetches, refreshes,
 * invalidations, forks and shutdowns. After each round everything is freed, and what the process still holds is
 * told; so is every call that outlived its deadline, every dead token and every status that nothing explains.
 * `run.py` starts it, and judges.
 *
 * SOAK_MS, SOAK_ROUNDS and SOAK_SEED say for how long and by what chance. SOAK_FAULT names a fault of this program's
 * own, to show that it would be found. */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <sys/wait.h>

#include "../c/client_scene.h"

enum { SHARED = 3, CALLERS = 4, SHORT_LIVES = 2, FORKERS = 3, CHILD_ENDS_WITHIN_S = 10 };

/* A call, or its leaving at shutdown, may be late by this much. */
enum { LATE_US = 100000 };

/* The first is left to live from refresh to refresh. */
static sm_client *shared[SHARED];
static int64_t round_ends_us;

static struct {
    long calls, tokens, refreshes, invalidations, forks, short_lives;
    long late_calls, late_leavers, dead_tokens, odd_statuses, odd_children;
    long slowest_overrun_us;
    sm_status odd_status;
} tally;

static void count(long *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void keep_the_largest(long *largest, long value)
{
    long seen = __atomic_load_n(largest, __ATOMIC_RELAXED);

    while (value > seen && !__atomic_compare_exchange_n(largest, &seen, value, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

static void hear(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    if (strstr(message, "refreshed a token in the background") != NULL)
        count(&tally.refreshes);
}

static sm_client *client_that_tells(void)
{
    sm_options *options = scene_options();

    must(sm_options_set_log(options, hear, NULL, SM_LOG_DEBUG) == SM_OK, "sm_options_set_log");
    return client_with(options);
}

/* ---- chance ---- */

/* Marsaglia's xorshift, one for each thread. */
typedef struct {
    uint64_t state;
} chance;

static chance chance_of(int thread)
{
    chance own = { (uint64_t)number_in_environment("SOAK_SEED", 1) * 0x9e3779b97f4a7c15u + (uint64_t)thread + 1 };

    return own;
}

static uint32_t below(chance *own, uint32_t limit)
{
    own->state ^= own->state << 13;
    own->state ^= own->state >> 7;
    own->state ^= own->state << 17;
    return (uint32_t)(own->state >> 32) % limit;
}

static void rest(chance *own, uint32_t at_most_us)
{
    sleep_until_us(now_us() + below(own, at_most_us + 1));
}

/* ---- faults of this program's own ---- */

static int has_fault(const char *name)
{
    const char *fault = getenv("SOAK_FAULT");

    return fault != NULL && strcmp(fault, name) == 0;
}

static void *never_end(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void leak(void)
{
    pthread_t thread;

    if (has_fault("memory"))
        memset(malloc(1 << 20), 1, 1 << 20);
    if (has_fault("descriptor"))
        must(dup(STDOUT_FILENO) >= 0, "dup");
    if (has_fault("thread"))
        must(pthread_create(&thread, NULL, never_end, NULL) == 0, "pthread_create");
}

/* ---- what is asked of a call ---- */

static int is_explained(sm_status status, int may_be_canceled)
{
    switch (status) {
    case SM_ERROR_INVALID_ARGUMENT:
    case SM_ERROR_NO_CREDENTIALS:
    case SM_ERROR_BUFFER_TOO_SMALL:
    case SM_ERROR_INSECURE_URL:
    case SM_ERROR_NO_TRUST_ROOTS:
    case SM_ERROR_INTERNAL:
        return 0;
    case SM_ERROR_CANCELED:
        return may_be_canceled;
    default:
        return 1;
    }
}

/* The token tells whole seconds: one that is called dead here is. */
static int is_dead(const sm_token *token)
{
    int64_t pretended_s = has_fault("dead-token") ? 60 : 0;

    return token != NULL && sm_token_expires_at(token) + 1 <= (int64_t)time(NULL) + pretended_s;
}

static void judge(const caller *one, int may_be_canceled)
{
    int64_t timeout_us = setting("SCENE_TIMEOUT_MS", 0) * INT64_C(1000);
    int64_t overrun_us = one->took_us - one->late_us - timeout_us;

    count(&tally.calls);
    if (one->status == SM_OK)
        count(&tally.tokens);
    keep_the_largest(&tally.slowest_overrun_us, (long)overrun_us);
    if (overrun_us > LATE_US)
        count(&tally.late_calls);
    if (!is_explained(one->status, may_be_canceled)) {
        count(&tally.odd_statuses);
        tally.odd_status = one->status;
    }
}

static void ask_and_judge(caller *one, chance *own, int may_be_canceled)
{
    one->number = (int)below(own, 2);
    ask_either_way(one);
    if (has_fault("deadline") && below(own, 50) == 0)
        one->took_us += setting("SCENE_TIMEOUT_MS", 0) * INT64_C(1000) + 2 * LATE_US;
    /* A call by handle, which is the one that can tell, leaves a token where it succeeded. */
    if (one->status == SM_OK && one->number == 0 && is_dead(one->token))
        count(&tally.dead_tokens);
    judge(one, may_be_canceled);
}

/* ---- who does what, until the round ends ---- */

static int goes_on(void)
{
    return now_us() < round_ends_us;
}

static void *call(void *argument)
{
    caller *self = argument;
    chance own = chance_of(self->number);

    while (goes_on()) {
        /* The first caller keeps to the client that is left alone, and so sees each of its refreshes. */
        self->client = shared[self->number == 0 ? 0 : below(&own, SHARED)];
        ask_and_judge(self, &own, 0);
        rest(&own, 2000);
    }
    sm_token_free(self->token);
    self->token = NULL;
    return NULL;
}

static void invalidate_somehow(caller *one, chance *own)
{
    switch (below(own, 4)) {
    case 0:
        sm_client_invalidate(one->client, one->token);
        break;
    case 1:
        sm_client_invalidate_authorization(one->client, one->authorization);
        break;
    default:
        sm_client_invalidate(one->client, NULL);
    }
    count(&tally.invalidations);
}

static void *invalidate(void *argument)
{
    chance own = chance_of(100);
    caller one = { 0 };

    while (goes_on()) {
        int number = (int)below(&own, SHARED);

        one.client = shared[number];
        ask_and_judge(&one, &own, 0);
        /* The one that is left alone is only freed of what it remembers, or it would be refused for a minute. */
        if (number == 0 && one.status != SM_OK)
            sm_client_invalidate(one.client, NULL);
        else if (number != 0)
            invalidate_somehow(&one, &own);
        rest(&own, 100000);
    }
    sm_token_free(one.token);
    return argument;
}

static void *ask_once(void *argument)
{
    caller *self = argument;
    chance own = chance_of(200 + self->number);

    ask_and_judge(self, &own, 1);
    return NULL;
}

/* A client whose callers are interrupted, or not, before it is freed. */
static void *live_shortly(void *argument)
{
    const caller *self = argument;
    chance own = chance_of(300 + self->number);

    while (goes_on()) {
        sm_client *client = scene_client();
        caller waiting;
        pthread_t thread;
        int64_t shut_down_us = 0, late_us = 0;

        memset(&waiting, 0, sizeof waiting);
        waiting.client = client;
        must(pthread_create(&thread, NULL, ask_once, &waiting) == 0, "pthread_create");
        rest(&own, 200000);
        if (below(&own, 3) > 0) {
            late_us = pulse_late();
            shut_down_us = now_us();
            sm_client_shutdown(client);
        }
        must(pthread_join(thread, NULL) == 0, "pthread_join");
        if (shut_down_us != 0 && now_us() - shut_down_us - (pulse_late() - late_us) > LATE_US)
            count(&tally.late_leavers);
        sm_client_free(client);
        sm_token_free(waiting.token);
        count(&tally.short_lives);
        leak();
    }
    return NULL;
}

/* Asks for what may be in memory, and for what is not; and ends with a flight that may be under way. */
static void be_the_child(chance *own)
{
    caller one = { 0 };

    alarm(CHILD_ENDS_WITHIN_S);
    if (has_fault("child") && below(own, 4) == 0)
        _exit(1);
    one.client = shared[below(own, SHARED)];
    ask_token(&one);
    if (is_explained(one.status, 0)) {
        sm_client_invalidate(one.client, NULL);
        ask_authorization(&one);
    }
    if (!is_explained(one.status, 0))
        _exit(one.status);
    sm_client_shutdown(one.client);
    sm_client_free(one.client);
    _exit(0);
}

static void *fork_again_and_again(void *argument)
{
    const caller *self = argument;
    chance own = chance_of(400 + self->number);

    while (goes_on()) {
        pid_t child = fork();
        int status = -1;

        must(child >= 0, "fork");
        if (child == 0)
            be_the_child(&own);
        must(waitpid(child, &status, 0) == child, "waitpid");
        count(&tally.forks);
        if (status != 0)
            count(&tally.odd_children);
        rest(&own, 50000);
    }
    return NULL;
}

/* ---- rounds ---- */

static void start(caller *threads, int number_of_them, void *(*body)(void *))
{
    for (int i = 0; i < number_of_them; i++) {
        memset(&threads[i], 0, sizeof threads[i]);
        threads[i].number = i;
        must(pthread_create(&threads[i].thread, NULL, body, &threads[i]) == 0, "pthread_create");
    }
}

static void join(const caller *threads, int number_of_them)
{
    for (int i = 0; i < number_of_them; i++)
        must(pthread_join(threads[i].thread, NULL) == 0, "pthread_join");
}

static void play_round(int64_t lasts_us)
{
    caller callers[CALLERS], short_lives[SHORT_LIVES], forkers[FORKERS], invalidator[1];

    for (int i = 0; i < SHARED; i++)
        shared[i] = client_that_tells();
    round_ends_us = now_us() + lasts_us;
    start(callers, CALLERS, call);
    start(short_lives, SHORT_LIVES, live_shortly);
    start(forkers, FORKERS, fork_again_and_again);
    start(invalidator, 1, invalidate);
    join(callers, CALLERS);
    join(short_lives, SHORT_LIVES);
    join(forkers, FORKERS);
    join(invalidator, 1);
    for (int i = 0; i < SHARED; i++)
        sm_client_free(shared[i]);
}

/* What a flight still holds when its client is freed ends within the connect timeout. */
static void report_round(void)
{
    act_begin("round");
    /* This one and the pulse. */
    json_number("threads", threads_settled(2, 2 * INT64_C(1000) * setting("SCENE_CONNECT_TIMEOUT_MS", 0)) - 2);
    json_number("descriptors", descriptors());
    json_number("memory_kib", memory_kib());
    json_number("calls", tally.calls);
    json_number("tokens", tally.tokens);
    json_number("refreshes", tally.refreshes);
    json_number("invalidations", tally.invalidations);
    json_number("forks", tally.forks);
    json_number("short_lives", tally.short_lives);
    json_number("late_calls", tally.late_calls);
    json_number("slowest_overrun_us", tally.slowest_overrun_us);
    json_number("late_leavers", tally.late_leavers);
    json_number("dead_tokens", tally.dead_tokens);
    json_number("odd_statuses", tally.odd_statuses);
    json_number("odd_status", tally.odd_status);
    json_number("odd_children", tally.odd_children);
    json_number("machine_late_us", pulse_late());
    act_end();
}

static void soak(void)
{
    const int rounds = (int)number_in_environment("SOAK_ROUNDS", 1);
    const int64_t lasts_us = number_in_environment("SOAK_MS", 0) * INT64_C(1000) / rounds;

    tally.slowest_overrun_us = LONG_MIN;
    for (int i = 0; i < rounds; i++) {
        play_round(lasts_us);
        report_round();
    }
}

int main(int argc, char **argv)
{
    static const scene scenes[] = { { "soak", soak } };

    return PLAY(argc, argv, scenes);
}
