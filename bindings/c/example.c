/* Fetches an access token and shows what came with it, the token itself masked.
 *
 *     cc example.c -o example $(pkg-config --cflags --libs sm_token)
 *
 * The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL
 * where it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sm_token.h>

static void show_token(const sm_token *token)
{
    const char *text = sm_token_access_token(token);

    printf("  type     %s\n", sm_token_type(token));
    printf("  scope    %s\n", sm_token_scope(token));
    printf("  expires  in %" PRId64 " seconds\n", sm_token_expires_in(token));
    printf("  token    %.4s... (%zu characters)\n", text, strlen(text));
}

static void show_error(const sm_error *error)
{
    int64_t wait_ms = sm_error_retry_after_ms(error);

    fprintf(stderr, "no token: %s\n", sm_error_message(error));
    if (wait_ms >= 0)
        fprintf(stderr, "try again in %" PRId64 " ms\n", wait_ms);
    else if (sm_error_is_retryable(error))
        fprintf(stderr, "this may pass: try again later\n");
    else
        fprintf(stderr, "trying again will not help: mend the cause first\n");
}

int main(void)
{
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status;

    /* A server with a private certificate authority; NULL, the variable not set, keeps the default. */
    status = sm_options_set_ca_file(options, getenv("SM_TOKEN_CA_FILE"));
    if (status != SM_OK) {
        fprintf(stderr, "SM_TOKEN_CA_FILE: %s\n", sm_status_message(status));
        sm_options_free(options);
        return EXIT_FAILURE;
    }

    status = sm_token_fetch(NULL, NULL, options, &token, &error);
    sm_options_free(options);
    if (status != SM_OK) {
        show_error(error);
        sm_error_free(error);
        return EXIT_FAILURE;
    }

    show_token(token);
    sm_token_free(token);
    return EXIT_SUCCESS;
}
