// The functions of the C library, as its header declares them.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import koffi from "koffi";

const NAMES = { win32: "sm_token.dll", darwin: "libsm_token.0.dylib" };
const NAME = NAMES[process.platform] ?? "libsm_token.so.0";

// The one that came with the package, else the one that the system's loader finds.
function place() {
    const prebuilt = new URL("../prebuilt/", import.meta.url);
    if (!existsSync(prebuilt)) return NAME;
    const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
    const directory = `${process.platform}-${process.arch}${musl ? "-musl" : ""}`;
    const library = new URL(`${directory}/${NAME}`, prebuilt);
    return existsSync(library) ? fileURLToPath(library) : NAME;
}

const library = koffi.load(place());

for (const handle of ["sm_options", "sm_token", "sm_error", "sm_client"]) koffi.opaque(handle);
koffi.pointer("sm_log_fn", koffi.proto("void", ["void *", "int32_t", "const char *"]));
koffi.pointer("sm_check_fn", koffi.proto("int32_t", ["void *", "const char *", "int32_t", "const char *", "const char *"]));

export const sm_version = library.func("const char *sm_version(void)");

export const sm_error_message = library.func("const char *sm_error_message(const sm_error *error)");
export const sm_error_http_status = library.func("int32_t sm_error_http_status(const sm_error *error)");
export const sm_error_oauth_code = library.func("const char *sm_error_oauth_code(const sm_error *error)");
export const sm_error_oauth_description = library.func("const char *sm_error_oauth_description(const sm_error *error)");
export const sm_error_is_retryable = library.func("int32_t sm_error_is_retryable(const sm_error *error)");
export const sm_error_retry_after_ms = library.func("int64_t sm_error_retry_after_ms(const sm_error *error)");
export const sm_error_free = library.func("void sm_error_free(sm_error *error)");

export const sm_options_new = library.func("sm_options *sm_options_new(void)");
export const sm_options_message = library.func("const char *sm_options_message(const sm_options *options)");
export const sm_options_set_base_url = library.func("int32_t sm_options_set_base_url(sm_options *options, const char *base_url)");
export const sm_options_set_scope = library.func("int32_t sm_options_set_scope(sm_options *options, const char *scope)");
export const sm_options_set_user_agent = library.func("int32_t sm_options_set_user_agent(sm_options *options, const char *user_agent)");
export const sm_options_set_proxy = library.func("int32_t sm_options_set_proxy(sm_options *options, const char *proxy)");
export const sm_options_set_ca_file = library.func("int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file)");
export const sm_options_set_trust = library.func("int32_t sm_options_set_trust(sm_options *options, int32_t trust)");
export const sm_options_set_timeout_ms = library.func("int32_t sm_options_set_timeout_ms(sm_options *options, uint32_t timeout_ms)");
export const sm_options_set_connect_timeout_ms = library.func("int32_t sm_options_set_connect_timeout_ms(sm_options *options, uint32_t connect_timeout_ms)");
export const sm_options_set_max_retries = library.func("int32_t sm_options_set_max_retries(sm_options *options, uint32_t max_retries)");
export const sm_options_set_log = library.func("int32_t sm_options_set_log(sm_options *options, sm_log_fn log, void *user_data, int32_t level)");
export const sm_options_set_credential_files = library.func("int32_t sm_options_set_credential_files(sm_options *options, const char *client_id_file, const char *client_secret_file)");
export const sm_options_free = library.func("void sm_options_free(sm_options *options)");

export const sm_token_access_token = library.func("const char *sm_token_access_token(const sm_token *token)");
export const sm_token_authorization = library.func("const char *sm_token_authorization(const sm_token *token)");
export const sm_token_type = library.func("const char *sm_token_type(const sm_token *token)");
export const sm_token_scope = library.func("const char *sm_token_scope(const sm_token *token)");
export const sm_token_expires_at = library.func("int64_t sm_token_expires_at(const sm_token *token)");
export const sm_token_expires_in = library.func("int64_t sm_token_expires_in(const sm_token *token)");
export const sm_token_free = library.func("void sm_token_free(sm_token *token)");

export const sm_client_new = library.func(`
    int32_t sm_client_new(const char *client_id, const char *client_secret, const sm_options *options,
                          _Out_ sm_client **client, _Out_ sm_error **error)`);
export const sm_client_token_within = library.func(`
    int32_t sm_client_token_within(sm_client *client, int64_t wait_ms, _Out_ sm_token **token, _Out_ sm_error **error)`);
export const sm_client_authorization_within = library.func(`
    int32_t sm_client_authorization_within(sm_client *client, int64_t wait_ms, _Out_ char *buffer, size_t capacity,
                                           _Out_ size_t *length, _Out_ sm_error **error)`);
export const sm_client_signal_when_ready = library.func(`
    int32_t sm_client_signal_when_ready(sm_client *client, intptr_t descriptor, _Out_ sm_error **error)`);
export const sm_client_invalidate = library.func("void sm_client_invalidate(sm_client *client, const sm_token *token)");
export const sm_client_invalidate_authorization = library.func("void sm_client_invalidate_authorization(sm_client *client, const char *authorization)");
export const sm_client_set_credentials = library.func(`
    int32_t sm_client_set_credentials(sm_client *client, const char *client_id, const char *client_secret,
                                      _Out_ sm_error **error)`);
export const sm_client_shutdown = library.func("void sm_client_shutdown(sm_client *client)");
export const sm_client_free = library.func("void sm_client_free(sm_client *client)");

export const sm_check = library.func(`
    int32_t sm_check(const char *client_id, const char *client_secret, const sm_options *options, sm_check_fn step,
                     void *user_data, _Out_ sm_error **error)`);

// A function that C can call, of a type that is named above; `release` takes it back.
export function register(handler, type) {
    return koffi.register(handler, type);
}

export function release(registered) {
    koffi.unregister(registered);
}
