-- Fetches an access token and shows what came with it, the token itself masked.
--
-- The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
-- it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
local ffi = require("ffi")

ffi.cdef [[
  typedef struct sm_options sm_options;
  typedef struct sm_token sm_token;
  typedef struct sm_error sm_error;

  sm_options *sm_options_new(void);
  int32_t sm_options_set_ca_file(sm_options *options, const char *ca_file);
  void sm_options_free(sm_options *options);

  int32_t sm_token_fetch(const char *client_id, const char *client_secret,
                         const sm_options *options, sm_token **token, sm_error **error);
  const char *sm_token_access_token(const sm_token *token);
  const char *sm_token_type(const sm_token *token);
  const char *sm_token_scope(const sm_token *token);
  int64_t sm_token_expires_in(const sm_token *token);
  void sm_token_free(sm_token *token);

  const char *sm_status_message(int32_t status);
  const char *sm_error_message(const sm_error *error);
  void sm_error_free(sm_error *error);
]]

local SM_OK = 0
local sm = ffi.load("libsm_token.so.0")

-- A token, or nil and what happened and what to do. Each handle is freed with the Lua value that holds
-- it: when it is collected, at the latest when the program ends.
local function fetch()
  local options = ffi.gc(sm.sm_options_new(), sm.sm_options_free)

  -- nil, the variable not set, keeps the default.
  local status = sm.sm_options_set_ca_file(options, os.getenv("SM_TOKEN_CA_FILE"))
  if status ~= SM_OK then
    return nil, "SM_TOKEN_CA_FILE: " .. ffi.string(sm.sm_status_message(status))
  end

  local token, failure = ffi.new("sm_token *[1]"), ffi.new("sm_error *[1]")
  status = sm.sm_token_fetch(nil, nil, options, token, failure)
  if status ~= SM_OK then
    return nil, ffi.string(sm.sm_error_message(ffi.gc(failure[0], sm.sm_error_free)))
  end
  return ffi.gc(token[0], sm.sm_token_free)
end

local token, why = fetch()
if not token then
  io.stderr:write("no token: ", why, "\n")
  os.exit(1, true)
end

local text = ffi.string(sm.sm_token_access_token(token))
print("  type     " .. ffi.string(sm.sm_token_type(token)))
print("  scope    " .. ffi.string(sm.sm_token_scope(token)))
print("  expires  in " .. tonumber(sm.sm_token_expires_in(token)) .. " seconds")
print("  token    " .. text:sub(1, 4) .. "... (" .. #text .. " characters)")
