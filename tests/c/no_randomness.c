/* A process that may draw no random bytes: a filter of the kernel (seccomp) refuses getrandom(2), and every further
 * open(2), so that /dev/urandom is out of reach too. Prints what each call comes to; run with the environment that
 * leads to a server. */
#define _GNU_SOURCE

#include <errno.h>
#include <stddef.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "client_scene.h"

#define REFUSE(number)                                                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

static void refuse_randomness(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        REFUSE(__NR_getrandom),
        REFUSE(__NR_openat),
#ifdef __NR_open
        REFUSE(__NR_open),
#endif
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { sizeof rules / sizeof rules[0], rules };

    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "PR_SET_SECCOMP");
}

static void report(const char *call, sm_status status, sm_error *error)
{
    act_begin(call);
    json_number("status", status);
    json_number("retryable", sm_error_is_retryable(error));
    fputs(", \"message\": ", stdout);
    json_text(sm_error_message(error));
    act_end();
    sm_error_free(error);
}

static void refused(void)
{
    sm_options *options = scene_options();
    sm_client *client = client_with(scene_options());
    sm_error *error = NULL;
    sm_token *token = NULL;
    sm_status status;

    refuse_randomness();
    status = sm_client_token(client, &token, &error);
    report("client", status, error);
    sm_client_free(client);
    must(sm_options_set_trust(options, SM_TRUST_BUNDLED) == SM_OK, "sm_options_set_trust");
    must(sm_options_set_ca_file(options, NULL) == SM_OK, "sm_options_set_ca_file");
    status = sm_token_fetch(NULL, NULL, options, &token, &error);
    report("fetch", status, error);
    sm_options_free(options);
}

int main(int argc, char **argv)
{
    static const scene scenes[] = {
        { "refused", refused },
    };

    return PLAY(argc, argv, scenes);
}
