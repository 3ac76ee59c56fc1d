/* Prints the members of a JSON object on standard output. Text is taken to be UTF-8, and left as it is. */
#ifndef JSON_H
#define JSON_H

#include <inttypes.h>
#include <stdio.h>

static inline void json_text(const char *text)
{
    const unsigned char *at;

    putchar('"');
    for (at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < 0x20 || *at == 0x7f)
            printf("\\u%04x", *at);
        else
            putchar(*at);
    }
    putchar('"');
}

/* Each of these begins with a comma: some member stands before it. */
static inline void json_member(const char *name, const char *text)
{
    printf(", \"%s\": ", name);
    json_text(text);
}

static inline void json_number(const char *name, int64_t number)
{
    printf(", \"%s\": %" PRId64, name, number);
}

#endif
