/* One access token with this library. SM_TOKEN_CA_FILE names a file of certificate authorities; where it is not set
 * the system's are trusted, which SSL_CERT_FILE moves. */
#include <sm_token.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_error *error = NULL;
    int exit_code = EXIT_SUCCESS;

    sm_options_set_ca_file(options, getenv("SM_TOKEN_CA_FILE"));
    if (sm_token_fetch(NULL, NULL, options, &token, &error) == SM_OK) {
        puts(sm_token_authorization(token));
    } else {
        fprintf(stderr, "%s\n", sm_error_message(error));
        exit_code = EXIT_FAILURE;
    }
    sm_token_free(token);
    sm_error_free(error);
    sm_options_free(options);
    return exit_code;
}
