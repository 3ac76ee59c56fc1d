/* What R calls by .Call: fetches an access token into a list. */
#define R_NO_REMAP   /* so that "error" stays a free word */
#include <R.h>
#include <Rinternals.h>
#include <sm_token.h>

static void free_token(SEXP held)
{
    sm_token_free(R_ExternalPtrAddr(held));
    R_ClearExternalPtr(held);
}

static SEXP text(const char *utf8)
{
    return Rf_ScalarString(Rf_mkCharCE(utf8, CE_UTF8));
}

static SEXP list_of(const sm_token *token)
{
    const char *names[] = {"access_token", "type", "scope", "expires_in", ""};
    SEXP list = PROTECT(Rf_mkNamed(VECSXP, names));

    SET_VECTOR_ELT(list, 0, text(sm_token_access_token(token)));
    SET_VECTOR_ELT(list, 1, text(sm_token_type(token)));
    SET_VECTOR_ELT(list, 2, text(sm_token_scope(token)));
    SET_VECTOR_ELT(list, 3, Rf_ScalarReal((double)sm_token_expires_in(token)));
    UNPROTECT(1);
    return list;
}

/* ca_file: a string, or NULL for the default. Stops with what happened and what to do. */
SEXP fetch_token(SEXP ca_file)
{
    const char *path = Rf_isNull(ca_file) ? NULL : Rf_translateCharUTF8(Rf_asChar(ca_file));
    sm_options *options;
    sm_token *token = NULL;
    sm_error *error = NULL;
    sm_status status;
    SEXP held, list;

    /* R leaves a function by longjmp when its memory runs out: what holds the token frees it then. */
    held = PROTECT(R_MakeExternalPtr(NULL, R_NilValue, R_NilValue));
    R_RegisterCFinalizerEx(held, free_token, TRUE);

    options = sm_options_new();
    status = sm_options_set_ca_file(options, path);
    if (status != SM_OK) {
        sm_options_free(options);
        Rf_error("ca_file: %s", sm_status_message(status));
    }

    status = sm_token_fetch(NULL, NULL, options, &token, &error);
    sm_options_free(options);
    if (status != SM_OK) {
        SEXP message = PROTECT(Rf_mkCharCE(sm_error_message(error), CE_UTF8));

        sm_error_free(error);
        Rf_error("%s", Rf_translateChar(message));
    }
    R_SetExternalPtrAddr(held, token);

    list = list_of(token);
    free_token(held);
    UNPROTECT(1);
    return list;
}
