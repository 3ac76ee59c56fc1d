/* Asks a handle that is freed: what the address sanitizer must find, in the library's own code. */
#include <sm_token.h>

int main(void)
{
    sm_error *error = NULL;
    sm_token *token = NULL;

    sm_token_fetch("", "", NULL, &token, &error);
    sm_error_free(error);
    return (int)sm_error_status(error);
}
