/* Part of a program, whose own `getenv` stands before the C library's also where nothing can be preloaded: it adds each
 * name that is asked for, and whether the program's first thread asks, to the file ASKED, which the compiler's command
 * line names. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

char *getenv(const char *name)
{
    char *(*real)(const char *);
    char line[256];
    int descriptor = open(ASKED, O_WRONLY | O_APPEND | O_CLOEXEC);
    const char *by = syscall(SYS_gettid) == getpid() ? "program" : "library";
    int length = snprintf(line, sizeof line, "%s %s\n", by, name);

    if (descriptor < 0 || write(descriptor, line, (size_t)length) != length)
        abort();
    close(descriptor);
    *(void **)&real = dlsym(RTLD_NEXT, "getenv");
    return real(name);
}
