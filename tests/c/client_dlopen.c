/* Loads the library, uses it and closes it again, as a plug-in host does, while threads of the library may still be
 * at work: a client is freed, and the library closed, with a flight under way. Not linked with the library.
 *
 * client_dlopen LIBRARY ROUNDS, with the environment that leads to a server that hangs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sm_token.h>

#include "portable.h"

#ifdef _WIN32
#include <tlhelp32.h>
#else
#include <dirent.h>
#include <dlfcn.h>
#endif

#define FUNCTIONS(DO)         \
    DO(sm_options_new)        \
    DO(sm_options_free)       \
    DO(sm_options_set_timeout_ms) \
    DO(sm_client_new)         \
    DO(sm_client_token)       \
    DO(sm_client_free)        \
    DO(sm_token_free)

/* The header's own types, without which a wrong call would go unnoticed. */
#define DECLARE(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(DECLARE)
} loaded;

static void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        exit(2);
    }
}

/* ---- the loader, and the threads of this process ---- */

#ifdef _WIN32

static void *open_library(const char *path)
{
    return LoadLibraryA(path);
}

static void *find(void *library, const char *name)
{
    FARPROC found = GetProcAddress(library, name);
    void *pointer;

    memcpy(&pointer, &found, sizeof pointer);
    return pointer;
}

static int close_library(void *library)
{
    return FreeLibrary(library);
}

static int is_loaded(const char *path)
{
    return GetModuleHandleA(path) != NULL;
}

static int threads(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 thread;
    int count = 0, more;

    thread.dwSize = sizeof thread;
    for (more = Thread32First(all, &thread); more; more = Thread32Next(all, &thread))
        count += thread.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return count;
}

#else

static void *open_library(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *find(void *library, const char *name)
{
    return dlsym(library, name);
}

static int close_library(void *library)
{
    return dlclose(library) == 0;
}

static int is_loaded(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_NOLOAD) != NULL;
}

static int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    must(tasks != NULL, "/proc/self/task");
    /* Beside `.` and `..`. */
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count - 2;
}

#endif

/* ---- the host ---- */

static void *load(const char *path)
{
    void *library = open_library(path);

    must(library != NULL, path);
    /* The way POSIX shows to turn an object pointer into one to a function. */
#define FIND(name)                                          \
    *(void **)&loaded.name = find(library, #name);          \
    must(loaded.name != NULL, #name);
    FUNCTIONS(FIND)
    return library;
}

/* The caller leaves at its deadline, when the flight may not have ended yet. On a thread of its own, since one that
 * lives on could keep the library loaded by what the library put into its thread-local storage. */
static void *use(void *status_of_the_call)
{
    sm_options *options = loaded.sm_options_new();
    sm_client *client = NULL;
    sm_token *token = NULL;
    sm_status status = loaded.sm_options_set_timeout_ms(options, 5);

    if (status == SM_OK)
        status = loaded.sm_client_new("id", "secret", options, &client, NULL);
    if (status == SM_OK)
        status = loaded.sm_client_token(client, &token, NULL);
    loaded.sm_options_free(options);
    loaded.sm_token_free(token);
    loaded.sm_client_free(client);
    *(sm_status *)status_of_the_call = status;
    return NULL;
}

/* A thread that still runs code of the library keeps it loaded by itself. */
static void wait_until_alone(int own_threads)
{
    const struct timespec a_moment = { 0, 1000000 };

    while (threads() > own_threads)
        nanosleep(&a_moment, NULL);
}

int main(int argc, char **argv)
{
    const long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    long timed_out = 0;
    int own_threads;

    end_within(60);
    own_threads = threads();
    for (long i = 0; i < rounds; i++) {
        void *library = load(argv[1]);
        sm_status status = SM_OK;
        pthread_t thread;

        must(pthread_create(&thread, NULL, use, &status) == 0 && pthread_join(thread, NULL) == 0, "pthread");
        timed_out += status == SM_ERROR_TIMEOUT;
        must(close_library(library), "closing");
    }
    wait_until_alone(own_threads);
    must(close_library(load(argv[1])), "closing");
    printf("{\"rounds\": %ld, \"timed_out\": %ld, \"still_loaded\": %d}\n", rounds, timed_out,
           is_loaded(argv[1]));
    return 0;
}
