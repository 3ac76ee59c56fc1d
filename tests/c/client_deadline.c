/* Calls that end at their deadline, while what they wait for hangs. Run with the environment that leads to a server. */
#define _POSIX_C_SOURCE 200809L

#include "client_scene.h"

static int32_t asks_a_client(const sm_options *options)
{
    sm_client *client = NULL;
    sm_token *token = NULL;
    sm_status status = sm_client_new(NULL, NULL, options, &client, NULL);

    if (status == SM_OK)
        status = sm_client_token(client, &token, NULL);
    sm_token_free(token);
    sm_client_free(client);
    return status;
}

static int32_t fetches(const sm_options *options)
{
    sm_token *token = NULL;
    sm_status status = sm_token_fetch(NULL, NULL, options, &token, NULL);

    sm_token_free(token);
    return status;
}

static int32_t SM_CALL lets_go(void *user_data)
{
    (void)user_data;
    return 0;
}

/* Each with a base URL of its own, where SCENE_BASE_URLS has a place for a number. */
static void calls_that_time_out(void)
{
    const uint32_t calls = setting("SCENE_CALLS", 1);
    const char *base_urls = environment("SCENE_BASE_URLS");
    const long own_threads = threads();
    int timeouts = 0, canceled = 0, others = 0;
    int64_t longest_us = 0;

    for (uint32_t i = 0; i < calls; i++) {
        sm_options *options = scene_options();
        char base_url[256];
        int64_t began_us = now_us(), took_us;
        sm_status status;
        size_t before = strcspn(base_urls, "#");
        int length = base_urls[before] == '#'
                         ? snprintf(base_url, sizeof base_url, "%.*s%" PRIu32 "%s", (int)before, base_urls, i, base_urls + before + 1)
                         : snprintf(base_url, sizeof base_url, "%s", base_urls);

        must(length > 0 && length < (int)sizeof base_url, "SCENE_BASE_URLS");
        must(sm_options_set_base_url(options, base_url) == SM_OK, "sm_options_set_base_url");
        if (setting("SCENE_LETS_GO", 0))
            must(sm_options_set_keep_waiting(options, lets_go, NULL) == SM_OK, "sm_options_set_keep_waiting");
        status = setting("SCENE_WITH_CLIENT", 0) ? asks_a_client(options) : fetches(options);
        took_us = now_us() - began_us;
        timeouts += status == SM_ERROR_TIMEOUT;
        canceled += status == SM_ERROR_CANCELED;
        others += status != SM_ERROR_TIMEOUT && status != SM_ERROR_CANCELED && status != SM_ERROR_DNS && status != SM_ERROR_RESOURCES;
        if (took_us > longest_us)
            longest_us = took_us;
        sm_options_free(options);
    }
    act_begin("timed out");
    json_number("timeouts", timeouts);
    json_number("canceled", canceled);
    json_number("others", others);
    json_number("longest_us", longest_us);
    json_number("threads_left", threads_settled(own_threads, 500000) - own_threads);
    act_end();
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "calls", calls_that_time_out },
    };

    return PLAY(argc, argv, scenes);
}
