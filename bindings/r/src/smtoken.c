/* What R calls by .Call. R leaves a function of C by longjmp, so no call of the library is ever under way, and
 * no handle without an owner, where R may do so. */
#define R_NO_REMAP   /* so that "error" stays a free word */
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>
#include <sm_token.h>
#include <stdlib.h>
#include <string.h>

/* How long an interrupt of R waits for the library. */
#define SLICE_MS 50

/* 16 KiB and 8 bytes hold any authorization. */
#define LONGEST (16 * 1024 + 8)

/* ---- text and failures -------------------------------------------------------------------------- */

static SEXP text(const char *utf8)
{
    return Rf_ScalarString(Rf_mkCharCE(utf8, CE_UTF8));
}

/* NULL, or a string that R has made UTF-8. */
static const char *utf8(SEXP string)
{
    return Rf_isNull(string) ? NULL : CHAR(STRING_ELT(string, 0));
}

static const char *FAILURE[] = {"status", "message", "http_status", "oauth_code", "oauth_description",
                                "retryable", "retry_after_ms", ""};

static SEXP refusal(sm_status status, const char *message)
{
    SEXP failure = PROTECT(Rf_mkNamed(VECSXP, FAILURE));

    SET_VECTOR_ELT(failure, 0, Rf_ScalarInteger(status));
    SET_VECTOR_ELT(failure, 1, text(message));
    SET_VECTOR_ELT(failure, 2, Rf_ScalarInteger(0));
    SET_VECTOR_ELT(failure, 3, text(""));
    SET_VECTOR_ELT(failure, 4, text(""));
    SET_VECTOR_ELT(failure, 5, Rf_ScalarLogical(0));
    SET_VECTOR_ELT(failure, 6, Rf_ScalarReal(-1));
    UNPROTECT(1);
    return failure;
}

static void free_error(SEXP holder)
{
    sm_error_free(R_ExternalPtrAddr(holder));
    R_ClearExternalPtr(holder);
}

/* Takes the error over. `holder` is empty, and frees the error where R runs out of memory. */
static SEXP failure_of(SEXP holder, sm_status status, sm_error *error)
{
    SEXP failure;

    R_SetExternalPtrAddr(holder, error);
    failure = PROTECT(refusal(status, sm_error_message(error)));
    SET_VECTOR_ELT(failure, 2, Rf_ScalarInteger(sm_error_http_status(error)));
    SET_VECTOR_ELT(failure, 3, text(sm_error_oauth_code(error)));
    SET_VECTOR_ELT(failure, 4, text(sm_error_oauth_description(error)));
    SET_VECTOR_ELT(failure, 5, Rf_ScalarLogical(sm_error_is_retryable(error)));
    SET_VECTOR_ELT(failure, 6, Rf_ScalarReal((double)sm_error_retry_after_ms(error)));
    free_error(holder);
    UNPROTECT(1);
    return failure;
}

/* An external pointer to nothing yet, with what frees its object. To be protected. */
static SEXP new_holder(R_CFinalizer_t finalizer)
{
    SEXP holder = PROTECT(R_MakeExternalPtr(NULL, R_NilValue, R_NilValue));

    R_RegisterCFinalizerEx(holder, finalizer, TRUE);
    UNPROTECT(1);
    return holder;
}

/* ---- tokens ------------------------------------------------------------------------------------- */

static void free_token(SEXP holder)
{
    sm_token_free(R_ExternalPtrAddr(holder));
    R_ClearExternalPtr(holder);
}

/* A string for the fields of the header, and a number of seconds for the two after them. */
static SEXP token_field(SEXP holder, SEXP field)
{
    const sm_token *token = R_ExternalPtrAddr(holder);

    switch (Rf_asInteger(field)) {
    case SM_FIELD_ACCESS_TOKEN: return text(sm_token_access_token(token));
    case SM_FIELD_AUTHORIZATION: return text(sm_token_authorization(token));
    case SM_FIELD_TYPE: return text(sm_token_type(token));
    case SM_FIELD_SCOPE: return text(sm_token_scope(token));
    case 4: return Rf_ScalarReal((double)sm_token_expires_at(token));
    default: return Rf_ScalarReal((double)sm_token_expires_in(token));
    }
}

static SEXP is_open(SEXP holder)
{
    return Rf_ScalarLogical(R_ExternalPtrAddr(holder) != NULL);
}

/* ---- clients ------------------------------------------------------------------------------------ */

struct kept {
    sm_client *client;
    SEXP log;        /* preserved as long as the client may call it; NULL without one */
    int calls;       /* a log handler may close the client that calls it */
    int is_closed;
};

static void free_when_unused(struct kept *kept)
{
    if (!kept->is_closed || kept->calls > 0 || kept->client == NULL)
        return;
    sm_client_free(kept->client);
    kept->client = NULL;
    if (kept->log != NULL)
        R_ReleaseObject(kept->log);
    kept->log = NULL;
}

static void free_client(SEXP holder)
{
    struct kept *kept = R_ExternalPtrAddr(holder);

    if (kept == NULL)
        return;
    kept->is_closed = 1;
    free_when_unused(kept);
    free(kept);
    R_ClearExternalPtr(holder);
}

struct event {
    SEXP log;
    int32_t level;
    const char *message;
};

static void call_handler(void *data)
{
    const struct event *event = data;
    SEXP level = PROTECT(Rf_ScalarInteger(event->level));
    SEXP message = PROTECT(text(event->message));

    Rf_eval(PROTECT(Rf_lang3(event->log, level, message)), R_GlobalEnv);
    UNPROTECT(3);
}

/* R_ToplevelExec keeps what R throws, an error or an interrupt, from passing through the library. */
static void SM_CALL hand_on(void *user_data, int32_t level, const char *message)
{
    const struct kept *kept = user_data;
    struct event event = {kept->log, level, message};

    if (kept->log != NULL)
        (void)R_ToplevelExec(call_handler, &event);
}

static sm_status set_options(sm_options *options, SEXP values, struct kept *kept)
{
    sm_status (SM_CALL *const texts[])(sm_options *, const char *) = {
        sm_options_set_base_url, sm_options_set_scope, sm_options_set_user_agent, sm_options_set_proxy,
        sm_options_set_ca_file};
    sm_status (SM_CALL *const numbers[])(sm_options *, uint32_t) = {
        sm_options_set_timeout_ms, sm_options_set_connect_timeout_ms, sm_options_set_max_retries};
    sm_status status = SM_OK;
    int at = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == SM_OK; i++, at++)
        status = texts[i](options, utf8(VECTOR_ELT(values, at)));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && status == SM_OK; i++, at++)
        if (!Rf_isNull(VECTOR_ELT(values, at)))
            status = numbers[i](options, (uint32_t)Rf_asReal(VECTOR_ELT(values, at)));
    if (status == SM_OK)
        status = sm_options_set_trust(options, Rf_asInteger(VECTOR_ELT(values, at)));
    if (status == SM_OK && kept->log != NULL)
        status = sm_options_set_log(options, hand_on, kept, Rf_asInteger(VECTOR_ELT(values, at + 1)));
    if (status == SM_OK)
        status = sm_options_set_credential_files(options, utf8(VECTOR_ELT(values, at + 2)),
                                                 utf8(VECTOR_ELT(values, at + 3)));
    return status;
}

/* Frees the options, whose message it takes over. */
static SEXP refused_option(sm_status status, sm_options *options)
{
    char message[512];

    strncpy(message, sm_options_message(options), sizeof message - 1);
    message[sizeof message - 1] = '\0';
    sm_options_free(options);
    return refusal(status, message);
}

/* `values`: base_url, scope, user_agent, proxy, ca_file, timeout_ms, connect_timeout_ms, max_retries, trust,
 * log_level, client_id_file, client_secret_file, in this order; R has checked them. Returns the holder of a client, or a failure. */
static SEXP client_new(SEXP client_id, SEXP client_secret, SEXP values, SEXP log)
{
    SEXP holder = PROTECT(new_holder(free_client));
    SEXP error_holder = PROTECT(new_holder(free_error));
    SEXP outcome = holder;
    struct kept *kept = calloc(1, sizeof *kept);
    sm_options *options;
    sm_error *error = NULL;
    sm_status status;

    if (kept == NULL)
        Rf_error("no memory for a client");
    R_SetExternalPtrAddr(holder, kept);
    if (!Rf_isNull(log)) {
        R_PreserveObject(log);
        kept->log = log;
    }
    options = sm_options_new();
    status = set_options(options, values, kept);
    if (status != SM_OK) {
        outcome = refused_option(status, options);
    } else {
        status = sm_client_new(utf8(client_id), utf8(client_secret), options, &kept->client, &error);
        sm_options_free(options);
        if (status != SM_OK)
            outcome = failure_of(error_holder, status, error);
    }
    UNPROTECT(2);
    return outcome;
}

typedef sm_status look_fn(sm_client *client, int64_t wait_ms, void *out, sm_error **error);

/* A slice ended while the server is still asked; a remembered failure says for how long. */
static int is_under_way(sm_status status, const sm_error *error)
{
    return status == SM_ERROR_TIMEOUT && sm_error_retry_after_ms(error) < 0;
}

/* Waits in slices: R may leave this function between two of them, where no call is under way and nothing is owned.
 * `wait_ms` below 0 means the timeout of the options. Writes an error only where it returns no SM_OK. */
static sm_status wait_for(struct kept *kept, double wait_ms, look_fn *look, void *out, sm_error **error)
{
    for (;;) {
        double slice = wait_ms < 0 || wait_ms > SLICE_MS ? SLICE_MS : wait_ms;
        int is_last = wait_ms >= 0 && wait_ms <= SLICE_MS;
        sm_status status;

        kept->calls++;
        status = look(kept->client, (int64_t)slice, out, error);
        kept->calls--;
        free_when_unused(kept);
        if (is_last || kept->is_closed || !is_under_way(status, *error))
            return status;

        sm_error_free(*error);
        *error = NULL;
        if (wait_ms > 0)
            wait_ms -= slice;
        R_CheckUserInterrupt();
    }
}

static sm_status look_for_token(sm_client *client, int64_t wait_ms, void *out, sm_error **error)
{
    return sm_client_token_within(client, wait_ms, out, error);
}

static sm_status look_for_authorization(sm_client *client, int64_t wait_ms, void *out, sm_error **error)
{
    return sm_client_authorization_within(client, wait_ms, out, LONGEST, NULL, error);
}

static struct kept *open_client(SEXP holder)
{
    struct kept *kept = R_ExternalPtrAddr(holder);

    return kept == NULL || kept->is_closed ? NULL : kept;
}

/* The holder of a token, or a failure. */
static SEXP client_token(SEXP client, SEXP wait_ms)
{
    SEXP holder = PROTECT(new_holder(free_token));
    SEXP error_holder = PROTECT(new_holder(free_error));
    SEXP outcome = holder;
    struct kept *kept = open_client(client);
    sm_token *token = NULL;
    sm_error *error = NULL;

    if (kept == NULL) {
        outcome = refusal(SM_ERROR_CANCELED, "the client is closed");
    } else {
        sm_status status = wait_for(kept, Rf_asReal(wait_ms), look_for_token, &token, &error);

        if (status == SM_OK)
            R_SetExternalPtrAddr(holder, token);
        else
            outcome = failure_of(error_holder, status, error);
    }
    UNPROTECT(2);
    return outcome;
}

/* A string, or a failure. */
static SEXP client_authorization(SEXP client, SEXP wait_ms)
{
    SEXP error_holder = PROTECT(new_holder(free_error));
    SEXP bytes = PROTECT(Rf_allocVector(RAWSXP, LONGEST));
    SEXP outcome;
    struct kept *kept = open_client(client);
    char *buffer = (char *)RAW(bytes);
    sm_error *error = NULL;

    if (kept == NULL) {
        outcome = refusal(SM_ERROR_CANCELED, "the client is closed");
    } else {
        sm_status status = wait_for(kept, Rf_asReal(wait_ms), look_for_authorization, buffer, &error);

        outcome = status == SM_OK ? text(buffer) : failure_of(error_holder, status, error);
        memset(buffer, 0, LONGEST);
    }
    UNPROTECT(2);
    return outcome;
}

static SEXP client_invalidate(SEXP client, SEXP token)
{
    struct kept *kept = open_client(client);

    if (kept != NULL && TYPEOF(token) == EXTPTRSXP && R_ExternalPtrAddr(token) != NULL)
        sm_client_invalidate(kept->client, R_ExternalPtrAddr(token));
    else if (kept != NULL && TYPEOF(token) != EXTPTRSXP)
        sm_client_invalidate_authorization(kept->client, utf8(token));
    return is_open(client);
}

/* NULL, or a failure. */
static SEXP client_set_credentials(SEXP client, SEXP client_id, SEXP client_secret)
{
    SEXP error_holder = PROTECT(new_holder(free_error));
    SEXP outcome = R_NilValue;
    struct kept *kept = open_client(client);
    sm_error *error = NULL;

    if (kept == NULL) {
        outcome = refusal(SM_ERROR_CANCELED, "the client is closed");
    } else {
        sm_status status = sm_client_set_credentials(kept->client, utf8(client_id), utf8(client_secret), &error);

        if (status != SM_OK)
            outcome = failure_of(error_holder, status, error);
    }
    UNPROTECT(1);
    return outcome;
}

static SEXP client_shutdown(SEXP client)
{
    struct kept *kept = open_client(client);

    if (kept != NULL)
        sm_client_shutdown(kept->client);
    return R_NilValue;
}

static SEXP client_close(SEXP client)
{
    struct kept *kept = R_ExternalPtrAddr(client);

    if (kept != NULL) {
        kept->is_closed = 1;
        free_when_unused(kept);
    }
    return R_NilValue;
}

/* ---- the check ---------------------------------------------------------------------------------- */

/* The nine that the header names. */
#define STEPS 9

struct steps {
    struct kept kept;    /* the log, for set_options */
    int count;
    int32_t verdicts[STEPS];
    char *texts[STEPS][3];    /* name, text, advice; NULL where there was no memory */
};

static void free_steps(SEXP holder)
{
    struct steps *steps = R_ExternalPtrAddr(holder);

    if (steps == NULL)
        return;
    for (int i = 0; i < steps->count; i++)
        for (int j = 0; j < 3; j++)
            free(steps->texts[i][j]);
    free(steps);
    R_ClearExternalPtr(holder);
}

static char *copy(const char *text)
{
    char *made = malloc(strlen(text) + 1);

    return made == NULL ? NULL : strcpy(made, text);
}

/* Calls nothing of R, which could leave it. */
static int32_t SM_CALL take_step(void *user_data, const char *name, int32_t verdict, const char *text_,
                                 const char *advice)
{
    struct steps *steps = user_data;
    char **texts;

    if (steps->count == STEPS)
        return 0;
    texts = steps->texts[steps->count];
    texts[0] = copy(name);
    texts[1] = copy(text_);
    texts[2] = copy(advice);
    steps->verdicts[steps->count++] = verdict;
    return texts[0] != NULL && texts[1] != NULL && texts[2] != NULL;
}

static const char *REPORT[] = {"steps", "error", ""};
static const char *COLUMNS[] = {"name", "text", "advice", "verdict", ""};

/* Columns, and a failure or NULL. */
static SEXP report_of(const struct steps *steps, SEXP error)
{
    SEXP report = PROTECT(Rf_mkNamed(VECSXP, REPORT));
    SEXP columns = Rf_mkNamed(VECSXP, COLUMNS);
    SEXP verdicts;

    SET_VECTOR_ELT(report, 0, columns);
    SET_VECTOR_ELT(report, 1, error);
    for (int j = 0; j < 3; j++) {
        SEXP column = Rf_allocVector(STRSXP, steps->count);

        SET_VECTOR_ELT(columns, j, column);
        for (int i = 0; i < steps->count; i++)
            SET_STRING_ELT(column, i, steps->texts[i][j] == NULL ? NA_STRING
                                                                  : Rf_mkCharCE(steps->texts[i][j], CE_UTF8));
    }
    verdicts = Rf_allocVector(INTSXP, steps->count);
    SET_VECTOR_ELT(columns, 3, verdicts);
    for (int i = 0; i < steps->count; i++)
        INTEGER(verdicts)[i] = steps->verdicts[i];
    UNPROTECT(1);
    return report;
}

/* `values` and `log` as for client_new; the caller's frame protects the log. Returns a report, or a failure. */
static SEXP check(SEXP client_id, SEXP client_secret, SEXP values, SEXP log)
{
    SEXP holder = PROTECT(new_holder(free_steps));
    SEXP error_holder = PROTECT(new_holder(free_error));
    SEXP outcome;
    struct steps *steps = calloc(1, sizeof *steps);
    sm_options *options;
    sm_status status;

    if (steps == NULL)
        Rf_error("no memory for a check");
    R_SetExternalPtrAddr(holder, steps);
    steps->kept.log = Rf_isNull(log) ? NULL : log;
    options = sm_options_new();
    status = set_options(options, values, &steps->kept);
    if (status != SM_OK) {
        outcome = refused_option(status, options);
    } else {
        sm_error *error = NULL;
        SEXP failure = R_NilValue;

        status = sm_check(utf8(client_id), utf8(client_secret), options, take_step, steps, &error);
        sm_options_free(options);
        if (status != SM_OK)
            failure = failure_of(error_holder, status, error);
        outcome = report_of(steps, PROTECT(failure));
        UNPROTECT(1);
    }
    free_steps(holder);
    UNPROTECT(2);
    return outcome;
}

static SEXP library_version(void)
{
    return text(sm_version());
}

/* ---- what R finds ------------------------------------------------------------------------------- */

#define ENTRY(name, parameters) {#name, (DL_FUNC)(void (*)(void))name, parameters}

static const R_CallMethodDef entries[] = {
    ENTRY(token_field, 2), ENTRY(is_open, 1), ENTRY(client_new, 4), ENTRY(client_token, 2),
    ENTRY(client_authorization, 2), ENTRY(client_invalidate, 2), ENTRY(client_set_credentials, 3), ENTRY(client_shutdown, 1), ENTRY(client_close, 1),
    ENTRY(check, 4), ENTRY(library_version, 0), {NULL, NULL, 0}};

void R_init_smtoken(DllInfo *library)
{
    R_registerRoutines(library, NULL, entries, NULL, NULL);
    R_useDynamicSymbols(library, FALSE);
    R_forceSymbols(library, TRUE);
}
