/* A test program is a list of named checks. Each prints one line, `ok NAME` or `FAILED NAME: why`, and one that
 * fails makes the program exit with 1. An expectation that does not hold ends its check. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *check_name;
static int check_failures_here;
static int check_failures;

static inline void check_failed(const char *file, int line, const char *format, ...)
{
    va_list arguments;

    printf("FAILED %s: %s:%d: ", check_name, file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    check_failures_here++;
}

static inline void check_run(const char *name, void (*check)(void))
{
    check_name = name;
    check_failures_here = 0;
    check();
    if (check_failures_here == 0)
        printf("ok %s\n", name);
    fflush(stdout);
    check_failures += check_failures_here;
}

#define CHECK(name) static void name(void)
#define RUN(name) check_run(#name, name)
#define CHECKS_EXIT_CODE (check_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE)

#define EXPECT(condition)                                                   \
    do {                                                                    \
        if (!(condition)) {                                                 \
            check_failed(__FILE__, __LINE__, "not so: %s", #condition);     \
            return;                                                         \
        }                                                                   \
    } while (0)

#define EXPECT_INT(actual, expected)                                                                     \
    do {                                                                                                 \
        int64_t is = (int64_t)(actual), should_be = (int64_t)(expected);                                 \
        if (is != should_be) {                                                                           \
            check_failed(__FILE__, __LINE__, "%s is %" PRId64 ", not %" PRId64, #actual, is, should_be); \
            return;                                                                                      \
        }                                                                                                \
    } while (0)

#define EXPECT_TEXT(actual, expected)                                                            \
    do {                                                                                         \
        const char *is = (actual), *should_be = (expected);                                      \
        if (is == NULL || strcmp(is, should_be) != 0) {                                          \
            check_failed(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #actual,                \
                         is ? is : "(null)", should_be);                                         \
            return;                                                                              \
        }                                                                                        \
    } while (0)

#define EXPECT_MENTION(text, word)                                                               \
    do {                                                                                         \
        const char *whole = (text), *part = (word);                                              \
        if (whole == NULL || strstr(whole, part) == NULL) {                                      \
            check_failed(__FILE__, __LINE__, "\"%s\" does not mention \"%s\"",                   \
                         whole ? whole : "(null)", part);                                        \
            return;                                                                              \
        }                                                                                        \
    } while (0)

/* For secrets: the text is not repeated in the failure. */
#define EXPECT_NO_MENTION(text, secret)                                                          \
    do {                                                                                         \
        const char *whole = (text);                                                              \
        if (whole == NULL || strstr(whole, (secret)) != NULL) {                                  \
            check_failed(__FILE__, __LINE__, "%s holds %s", #text, #secret);                     \
            return;                                                                              \
        }                                                                                        \
    } while (0)

#endif
