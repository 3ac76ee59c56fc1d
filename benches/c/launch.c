/* Runs a program and tells what it cost: `launch PROGRAM [ARGUMENT...]`.
 *
 * It is this small so that its own memory hides nobody's: the peak that Linux tells of a child is at least that of
 * who started it. The program's standard output is dropped. */
#define _DEFAULT_SOURCE

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int64_t us(struct timeval time)
{
    return time.tv_sec * INT64_C(1000000) + time.tv_usec;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage used;
    int64_t start_us, wall_us;
    pid_t child;
    int failed, status;

    if (argc < 2) {
        fputs("launch PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

    start_us = now_us();
    failed = posix_spawn(&child, argv[1], &actions, NULL, argv + 1, environ);
    if (failed != 0) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(failed));
        return 2;
    }
    if (wait4(child, &status, 0, &used) != child)
        return 2;
    wall_us = now_us() - start_us;
    posix_spawn_file_actions_destroy(&actions);

    printf("{\"succeeded\": %s, \"cpu_us\": %" PRId64 ", \"wall_us\": %" PRId64 ", \"peak_kib\": %ld}\n",
           WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "true" : "false", us(used.ru_utime) + us(used.ru_stime),
           wall_us, used.ru_maxrss);
    return EXIT_SUCCESS;
}
