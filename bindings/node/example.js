// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
// it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
import { promisify } from "node:util";
import koffi from "koffi";

const SM_OK = 0;

const library = koffi.load("libsm_token.so.0");
for (const handle of ["sm_options", "sm_token", "sm_error"]) koffi.opaque(handle);

const sm_options_new = library.func("sm_options *sm_options_new(void)");
const sm_options_set_ca_file = library.func("int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file)");
const sm_options_free = library.func("void sm_options_free(sm_options *options)");

const sm_token_fetch = library.func(`
    int32_t sm_token_fetch(const char *client_id, const char *client_secret,
                           const sm_options *options, _Out_ sm_token **token, _Out_ sm_error **error)`);
const sm_token_access_token = library.func("const char *sm_token_access_token(const sm_token *token)");
const sm_token_type = library.func("const char *sm_token_type(const sm_token *token)");
const sm_token_scope = library.func("const char *sm_token_scope(const sm_token *token)");
const sm_token_expires_in = library.func("int64_t sm_token_expires_in(const sm_token *token)");
const sm_token_free = library.func("void sm_token_free(sm_token *token)");

const sm_status_message = library.func("const char *sm_status_message(int32_t status)");
const sm_error_message = library.func("const char *sm_error_message(const sm_error *error)");
const sm_error_free = library.func("void sm_error_free(sm_error *error)");

// Waits on a thread of Node's pool, so that the event loop goes on.
const fetchOnAThread = promisify(sm_token_fetch.async);

// A token, which the caller frees with sm_token_free; throws with what happened and what to do.
async function fetchToken() {
    const options = sm_options_new();
    const token = [null];
    const error = [null];
    try {
        // Null, the variable not set, keeps the default.
        let status = sm_options_set_ca_file(options, process.env.SM_TOKEN_CA_FILE ?? null);
        if (status !== SM_OK) throw new Error(`SM_TOKEN_CA_FILE: ${sm_status_message(status)}`);

        status = await fetchOnAThread(null, null, options, token, error);
        if (status !== SM_OK) throw new Error(sm_error_message(error[0]));
        return token[0];
    } finally {
        sm_error_free(error[0]);
        sm_options_free(options);
    }
}

try {
    const token = await fetchToken();
    const text = sm_token_access_token(token);
    console.log(`  type     ${sm_token_type(token)}`);
    console.log(`  scope    ${sm_token_scope(token)}`);
    console.log(`  expires  in ${sm_token_expires_in(token)} seconds`);
    console.log(`  token    ${text.slice(0, 4)}... (${text.length} characters)`);
    sm_token_free(token);
} catch (error) {
    console.error(`no token: ${error.message}`);
    process.exitCode = 1;
}
