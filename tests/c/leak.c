/* Forgets to free a handle: what valgrind must find, so that its silence elsewhere means something. */
#include <sm_token.h>

int main(void)
{
    return sm_options_new() == NULL;
}
