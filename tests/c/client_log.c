/* What a client tells its log handler after a fork, and until when. Run with the environment that leads to a
 * server. */
#define _POSIX_C_SOURCE 200809L

#include <sys/wait.h>

#include "client_scene.h"

enum { MOST_LINES = 512, LINE_SIZE = 512 };

/* Everything that was heard. */
static struct {
    pthread_mutex_t lock;
    int count;
    struct {
        int32_t level;
        char text[LINE_SIZE];
    } lines[MOST_LINES];
    int outside_a_call;
} heard = { PTHREAD_MUTEX_INITIALIZER, 0, { { 0, "" } }, 0 };

/* Set while a thread is inside a call to the library: a thread of the library's own never is. */
static pthread_key_t inside_a_call;

static void enter(void)
{
    must(pthread_setspecific(inside_a_call, &heard) == 0, "pthread_setspecific");
}

static void leave(void)
{
    must(pthread_setspecific(inside_a_call, NULL) == 0, "pthread_setspecific");
}

static void SM_CALL hear(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    pthread_mutex_lock(&heard.lock);
    must(heard.count < MOST_LINES, "too much was said");
    heard.lines[heard.count].level = level;
    snprintf(heard.lines[heard.count].text, LINE_SIZE, "%s", message);
    heard.count++;
    heard.outside_a_call += pthread_getspecific(inside_a_call) == NULL;
    pthread_mutex_unlock(&heard.lock);
}

static sm_client *client_that_tells(sm_log_fn handler, void *user_data)
{
    sm_options *options = scene_options();
    int32_t level = (int32_t)number_in_environment("SCENE_LOG_LEVEL", SM_LOG_DEBUG);

    must(sm_options_set_log(options, handler, user_data, level) == SM_OK, "sm_options_set_log");
    return client_with(options);
}

static void report_lines(void)
{
    json_number("outside_a_call", heard.outside_a_call);
    fputs(", \"lines\": [", stdout);
    for (int i = 0; i < heard.count; i++) {
        printf("%s[%" PRId32 ", ", i == 0 ? "" : ", ", heard.lines[i].level);
        json_text(heard.lines[i].text);
        putchar(']');
    }
    putchar(']');
}

static void ask_inside(caller *one)
{
    enter();
    ask_authorization(one);
    leave();
}

static void forked(void)
{
    sm_client *client = client_that_tells(hear, NULL);
    caller one = { 0 };
    pid_t child;
    int status;

    one.client = client;
    ask_inside(&one);
    child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        alarm(10);
        enter();
        sm_client_invalidate(client, NULL);
        leave();
        ask_inside(&one);
        act_begin("child");
        report_lines();
        act_end();
        _exit(0);
    }
    must(waitpid(child, &status, 0) == child && status == 0, "the child");
    ask_inside(&one);
    act_begin("parent");
    report_lines();
    act_end();
    sm_client_free(client);
}

static void *call_for_a_while(void *argument)
{
    caller *self = argument;
    int64_t until_us = now_us() + setting("SCENE_CALLS_FOR_MS", 0) * INT64_C(1000);

    do {
        ask_inside(self);
        sleep_until_us(now_us() + 5000);
    } while (now_us() < until_us);
    return NULL;
}

/* Frees a client while its refresh is under way, and waits until that has ended. */
static void freed(void)
{
    const long own_threads = threads();
    sm_client *client = client_that_tells(hear, NULL);
    caller one = { 0 };
    int heard_before, under_way;

    one.client = client;
    call_for_a_while(&one);
    under_way = threads() > own_threads;
    enter();
    sm_client_free(client);
    heard_before = heard.count;
    act_begin("freed");
    json_number("under_way", under_way);
    json_number("threads_left", threads_settled(own_threads, 5000000) - own_threads);
    json_number("heard_after", heard.count - heard_before);
    json_number("outside_a_call", heard.outside_a_call);
    act_end();
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "forked", forked },
        { "freed", freed },
    };

    must(pthread_key_create(&inside_a_call, NULL) == 0, "pthread_key_create");
    return PLAY(argc, argv, scenes);
}
