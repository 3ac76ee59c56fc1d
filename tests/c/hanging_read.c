/* Preloaded: a read of the file that HANGING_FILE names never ends while the file HANGING_WHILE is there, as on a
 * mount whose server is gone. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t read(int descriptor, void *buffer, size_t size)
{
    static ssize_t (*read_on)(int, void *, size_t);
    const char *hanging = getenv("HANGING_FILE"), *while_there = getenv("HANGING_WHILE");
    char link[64], path[4096];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = '\0';
    while (hanging != NULL && strcmp(path, hanging) == 0 && access(while_there, F_OK) == 0)
        pause();
    if (read_on == NULL)
        *(void **)&read_on = dlsym(RTLD_NEXT, "read");
    return read_on(descriptor, buffer, size);
}
