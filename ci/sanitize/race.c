/* Changes options on two threads at once, which only one may do: what the thread sanitizer must find, in the
 * library's own code. It remembers the first change, so that it does not matter which thread is quicker. */
#include <pthread.h>

#include <sm_token.h>

static void *change(void *options)
{
    sm_options_set_max_retries(options, 1);
    return NULL;
}

int main(void)
{
    sm_options *options = sm_options_new();
    pthread_t other;

    if (pthread_create(&other, NULL, change, options) != 0)
        return 2;
    change(options);
    pthread_join(other, NULL);
    sm_options_free(options);
    return 0;
}
