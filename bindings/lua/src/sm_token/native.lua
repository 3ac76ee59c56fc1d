-- The functions of the C library, as its header declares them.
local ffi = require("ffi")

ffi.cdef [[
  typedef struct sm_options sm_options;
  typedef struct sm_token sm_token;
  typedef struct sm_error sm_error;
  typedef struct sm_client sm_client;
  typedef void (*sm_log_fn)(void *user_data, int32_t level, const char *message);
  typedef int32_t (*sm_check_fn)(void *user_data, const char *name, int32_t verdict, const char *text,
                                 const char *advice);

  const char *sm_version(void);

  const char *sm_error_message(const sm_error *error);
  int32_t sm_error_http_status(const sm_error *error);
  const char *sm_error_oauth_code(const sm_error *error);
  const char *sm_error_oauth_description(const sm_error *error);
  int32_t sm_error_is_retryable(const sm_error *error);
  int64_t sm_error_retry_after_ms(const sm_error *error);
  void sm_error_free(sm_error *error);

  sm_options *sm_options_new(void);
  const char *sm_options_message(const sm_options *options);
  int32_t sm_options_set_base_url(sm_options *options, const char *base_url);
  int32_t sm_options_set_scope(sm_options *options, const char *scope);
  int32_t sm_options_set_user_agent(sm_options *options, const char *user_agent);
  int32_t sm_options_set_proxy(sm_options *options, const char *proxy);
  int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file);
  int32_t sm_options_set_trust(sm_options *options, int32_t trust);
  int32_t sm_options_set_timeout_ms(sm_options *options, uint32_t timeout_ms);
  int32_t sm_options_set_connect_timeout_ms(sm_options *options, uint32_t connect_timeout_ms);
  int32_t sm_options_set_max_retries(sm_options *options, uint32_t max_retries);
  int32_t sm_options_set_log(sm_options *options, sm_log_fn log, void *user_data, int32_t level);
  int32_t sm_options_set_credential_files(sm_options *options, const char *client_id_file,
                                          const char *client_secret_file);
  void sm_options_free(sm_options *options);

  const char *sm_token_access_token(const sm_token *token);
  const char *sm_token_authorization(const sm_token *token);
  const char *sm_token_type(const sm_token *token);
  const char *sm_token_scope(const sm_token *token);
  int64_t sm_token_expires_at(const sm_token *token);
  int64_t sm_token_expires_in(const sm_token *token);
  void sm_token_free(sm_token *token);

  int32_t sm_client_new(const char *client_id, const char *client_secret, const sm_options *options,
                        sm_client **client, sm_error **error);
  int32_t sm_client_token_within(sm_client *client, int64_t wait_ms, sm_token **token, sm_error **error);
  int32_t sm_client_authorization_within(sm_client *client, int64_t wait_ms, char *buffer, size_t capacity,
                                         size_t *length, sm_error **error);
  void sm_client_invalidate(sm_client *client, const sm_token *token);
  void sm_client_invalidate_authorization(sm_client *client, const char *authorization);
  int32_t sm_client_set_credentials(sm_client *client, const char *client_id, const char *client_secret,
                                    sm_error **error);
  void sm_client_shutdown(sm_client *client);
  void sm_client_free(sm_client *client);

  int32_t sm_check(const char *client_id, const char *client_secret, const sm_options *options, sm_check_fn step,
                   void *user_data, sm_error **error);
]]

local native = {}

local NAMES = { Windows = "sm_token.dll", OSX = "libsm_token.0.dylib" }

-- What the library is called on a platform, by the names of LuaJIT's ffi.os.
function native.library_name(platform)
  return NAMES[platform] or "libsm_token.so.0"
end

native.library = ffi.load(native.library_name(ffi.os))

return native
