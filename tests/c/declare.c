/* How Visual Basic calls the library by `Declare`, Windows alone: the DLL is loaded by its name, each function is found
 * by its plain name and called as `__stdcall`; text is in the ANSI code page or in an array of bytes. The header is not
 * used. Run with the names of all functions, and with the environment that `python -m servers run real` gives. */
#include <windows.h>

#include "check.h"

typedef struct sm_options sm_options;
typedef struct sm_token sm_token;
typedef struct sm_error sm_error;
typedef void(__stdcall *log_handler)(void *, int32_t, const char *);

static const char *(__stdcall *sm_version)(void);
static sm_options *(__stdcall *sm_options_new)(void);
static int32_t(__stdcall *sm_options_set_base_url)(sm_options *, const char *);
static int32_t(__stdcall *sm_options_set_ca_file)(sm_options *, const char *);
static int32_t(__stdcall *sm_options_set_timeout_ms)(sm_options *, uint32_t);
static int32_t(__stdcall *sm_options_set_log)(sm_options *, log_handler, void *, int32_t);
static void(__stdcall *sm_options_free)(sm_options *);
static int32_t(__stdcall *sm_token_fetch)(const char *, const char *, const sm_options *, sm_token **, sm_error **);
static int64_t(__stdcall *sm_token_expires_in)(const sm_token *);
static int32_t(__stdcall *sm_token_copy)(const sm_token *, int32_t, char *, size_t, size_t *);
static void(__stdcall *sm_token_free)(sm_token *);
static int32_t(__stdcall *sm_error_status)(const sm_error *);
static const char *(__stdcall *sm_error_message)(const sm_error *);
static void(__stdcall *sm_error_free)(sm_error *);
static int32_t(__stdcall *sm_token_fetch_into)(const char *, int32_t, const char *, int32_t, const char *, int32_t,
                                               const char *, int32_t, int32_t, char *, int32_t, int32_t *, int64_t *,
                                               char *, int32_t);
/* As another language may take it for, wrongly. */
static const char *(__cdecl *cdecl_sm_status_message)(int32_t);

static HMODULE library;
static int functions;
static char **function_names;
static const char *base_url, *ca_file, *client_id, *client_secret;

static void find(const char *name, void *function)
{
    FARPROC found = GetProcAddress(library, name);

    if (found == NULL) {
        printf("there is no %s\n", name);
        exit(EXIT_FAILURE);
    }
    memcpy(function, &found, sizeof found);
}

#ifdef __i386__
#define STACK_POINTER(place) __asm__ volatile("movl %%esp, %0" : "=r"(place))
#else
#define STACK_POINTER(place) __asm__ volatile("movq %%rsp, %0" : "=r"(place))
#endif

/* Ends the check where the call leaves the stack elsewhere than it found it. */
#define CALL(call)                          \
    do {                                    \
        uintptr_t before, after;            \
        STACK_POINTER(before);              \
        call;                               \
        STACK_POINTER(after);               \
        EXPECT_INT(after - before, 0);      \
    } while (0)

CHECK(every_function_is_found_by_its_plain_name)
{
    EXPECT(functions > 0);
    for (int i = 0; i < functions; i++)
        if (GetProcAddress(library, function_names[i]) == NULL)
            check_failed(__FILE__, __LINE__, "there is no %s", function_names[i]);
}

CHECK(the_measure_notices_a_wrong_convention)
{
    uintptr_t before, after;

    STACK_POINTER(before);
    cdecl_sm_status_message(0);
    STACK_POINTER(after);
    /* Where there is one convention alone, none is wrong. */
    EXPECT_INT(after - before, sizeof(void *) == 4 ? 4 : 0);
}

CHECK(a_function_without_arguments_is_called)
{
    const char *version = NULL;

    CALL(version = sm_version());
    EXPECT(version != NULL && version[0] >= '0' && version[0] <= '9');
}

static int32_t lines;

static void __stdcall hear(void *user_data, int32_t level, const char *message)
{
    if (user_data == &lines && level >= 1 && level <= 4 && message[0] != '\0')
        lines++;
}

CHECK(a_token_comes_by_handles_and_a_callback)
{
    sm_options *options = NULL;
    sm_token *token = NULL;
    sm_error *error = NULL;
    char bytes[256];
    size_t length = 0;
    int32_t status = -1;
    int64_t left = -1;

    CALL(options = sm_options_new());
    CALL(status = sm_options_set_base_url(options, base_url));
    EXPECT_INT(status, 0);
    CALL(status = sm_options_set_ca_file(options, ca_file));
    EXPECT_INT(status, 0);
    CALL(status = sm_options_set_timeout_ms(options, 120000));
    EXPECT_INT(status, 0);
    CALL(status = sm_options_set_log(options, hear, &lines, 4));
    EXPECT_INT(status, 0);
    CALL(status = sm_token_fetch(client_id, client_secret, options, &token, &error));
    if (status != 0)
        check_failed(__FILE__, __LINE__, "%s", sm_error_message(error));
    EXPECT(lines > 0);
    CALL(left = sm_token_expires_in(token));
    EXPECT(left > 0 && left <= 3600);
    CALL(status = sm_token_copy(token, 1, bytes, sizeof bytes, &length));
    EXPECT_INT(status, 0);
    EXPECT(length > 7 && memcmp(bytes, "Bearer ", 7) == 0);
    CALL(sm_token_free(token));
    CALL(sm_options_free(options));
}

/* What sm_token_fetch_into leaves: arrays of bytes, filled up with blanks. */
static char authorization[128], why[512];
static int32_t authorization_length;
static int64_t expires_at;

static int32_t fetch_into(const char *id, int32_t id_length, const char *secret, int32_t secret_length)
{
    authorization_length = -1;
    expires_at = -1;
    return sm_token_fetch_into(id, id_length, secret, secret_length, base_url, (int32_t)strlen(base_url), ca_file,
                               (int32_t)strlen(ca_file), 1, authorization, sizeof authorization,
                               &authorization_length, &expires_at, why, sizeof why);
}

CHECK(a_token_comes_into_an_array_of_bytes)
{
    /* As VBA fills it: StrConv("...", vbFromUnicode). */
    char id[64] = {0}, secret[256] = {0};
    int32_t status = -1;

    memcpy(id, client_id, strlen(client_id));
    memcpy(secret, client_secret, strlen(client_secret));
    CALL(status = fetch_into(id, sizeof id, secret, sizeof secret));
    if (status != 0)
        check_failed(__FILE__, __LINE__, "%.*s", (int)sizeof why, why);
    EXPECT(authorization_length > 7 && memcmp(authorization, "Bearer ", 7) == 0);
    EXPECT_INT(authorization[sizeof authorization - 1], ' ');
    EXPECT(expires_at > 0);
}

CHECK(a_refusal_comes_into_an_array_of_bytes)
{
    int32_t status = -1;

    CALL(status = fetch_into(client_id, (int32_t)strlen(client_id), "no", 2));
    EXPECT_INT(status, 40);
    why[sizeof why - 1] = '\0';
    EXPECT_MENTION(why, "client");
}

/* VBA passes a String as text in the ANSI code page, in which a letter beyond ASCII is no UTF-8. */
CHECK(ansi_text_beyond_ascii_is_refused_by_its_name)
{
    sm_token *token = NULL;
    sm_error *error = NULL;
    int32_t status = -1;

    CALL(status = sm_token_fetch("caf\xe9", client_secret, NULL, &token, &error));
    EXPECT_INT(status, 10);
    CALL(status = sm_error_status(error));
    EXPECT_INT(status, 10);
    EXPECT_MENTION(sm_error_message(error), "client_id is not UTF-8");
    CALL(sm_error_free(error));
}

/* The program's own copy of the environment, which `getenv` reads, does not have them. */
CHECK(variables_are_read_from_the_system_whatever_their_case)
{
    wchar_t id[64], secret[256];
    int32_t status = -1;

    MultiByteToWideChar(CP_UTF8, 0, client_id, -1, id, 64);
    MultiByteToWideChar(CP_UTF8, 0, client_secret, -1, secret, 256);
    EXPECT(SetEnvironmentVariableW(L"SMX_CLIENT_ID", NULL));
    EXPECT(SetEnvironmentVariableW(L"SMX_CLIENT_SECRET", NULL));
    CALL(status = fetch_into("", 0, "", 0));
    EXPECT_INT(status, 11);
    EXPECT(SetEnvironmentVariableW(L"smx_Client_Id", id));
    EXPECT(SetEnvironmentVariableW(L"smx_client_secret", secret));
    CALL(status = fetch_into("", 0, "", 0));
    EXPECT_INT(status, 0);
}

/* Of the environment before a check changes it. */
static char *copied(const char *name)
{
    const char *text = getenv(name);

    return strcpy(malloc(strlen(text) + 1), text);
}

int main(int argc, char **argv)
{
    functions = argc - 1;
    function_names = argv + 1;
    base_url = copied("SMX_BASE_URL");
    ca_file = copied("SM_TOKEN_CA_FILE");
    client_id = copied("SMX_CLIENT_ID");
    client_secret = copied("SMX_CLIENT_SECRET");
    library = LoadLibraryA("sm_token.dll");
    if (library == NULL)
        return EXIT_FAILURE;

    find("sm_version", &sm_version);
    find("sm_options_new", &sm_options_new);
    find("sm_options_set_base_url", &sm_options_set_base_url);
    find("sm_options_set_ca_file", &sm_options_set_ca_file);
    find("sm_options_set_timeout_ms", &sm_options_set_timeout_ms);
    find("sm_options_set_log", &sm_options_set_log);
    find("sm_options_free", &sm_options_free);
    find("sm_token_fetch", &sm_token_fetch);
    find("sm_token_expires_in", &sm_token_expires_in);
    find("sm_token_copy", &sm_token_copy);
    find("sm_token_free", &sm_token_free);
    find("sm_error_status", &sm_error_status);
    find("sm_error_message", &sm_error_message);
    find("sm_error_free", &sm_error_free);
    find("sm_token_fetch_into", &sm_token_fetch_into);
    find("sm_status_message", &cdecl_sm_status_message);

    RUN(every_function_is_found_by_its_plain_name);
    RUN(the_measure_notices_a_wrong_convention);
    RUN(a_function_without_arguments_is_called);
    RUN(a_token_comes_by_handles_and_a_callback);
    RUN(a_token_comes_into_an_array_of_bytes);
    RUN(a_refusal_comes_into_an_array_of_bytes);
    RUN(ansi_text_beyond_ascii_is_refused_by_its_name);
    RUN(variables_are_read_from_the_system_whatever_their_case);
    return CHECKS_EXIT_CODE;
}
