-- Why there is no token. An error is a table with these fields, and as a string its message; none holds a secret.
--
--   status, code        a value of `status`, and its name, such as "INVALID_CLIENT"
--   message             what happened, to what, and what to do, in one line
--   http_status         of the server's answer; 0 where no answer came
--   oauth_code, oauth_description
--                       the server's OAuth error (RFC 6749 section 5.2); "" where it gave none
--   retryable           whether the same call may succeed later without any change
--   retry_after         seconds to wait before the next try; nil where neither the server nor the client says
local ffi = require("ffi")
local native = require("sm_token.native")

local errors = {}

-- The numbers of the C library's statuses. They never change. Written by bindings/constants.
errors.status = {
  OK = 0,
  INVALID_ARGUMENT = 10,
  NO_CREDENTIALS = 11,
  BUFFER_TOO_SMALL = 12,
  INSECURE_URL = 13,
  DNS = 20,
  CONNECT = 21,
  TIMEOUT = 22,
  PROXY = 23,
  IO = 24,
  CANCELED = 25,
  RESOURCES = 26,
  TLS = 30,
  CERTIFICATE = 31,
  NO_TRUST_ROOTS = 32,
  INVALID_CLIENT = 40,
  INVALID_SCOPE = 41,
  OAUTH = 42,
  RATE_LIMITED = 43,
  SERVER = 44,
  HTTP = 45,
  INVALID_RESPONSE = 50,
  RESPONSE_TOO_LARGE = 51,
  INTERNAL = 90,
}

local Error = { __name = "sm_token.error" }

function Error:__tostring()
  return self.message
end

local function code_of(status)
  for code, number in pairs(errors.status) do
    if number == status then
      return code
    end
  end
  return "INTERNAL"
end

function errors.new(status, message)
  local fields = {
    status = status, code = code_of(status), message = message, http_status = 0, oauth_code = "",
    oauth_description = "", retryable = false,
  }
  return setmetatable(fields, Error)
end

function errors.refused(message)
  return errors.new(errors.status.INVALID_ARGUMENT, message)
end

-- The error of a call that returned `status`; frees the handle.
function errors.taken(status, handle)
  local sm = native.library
  local failure = errors.new(status, ffi.string(sm.sm_error_message(handle)))
  local retry_after_ms = tonumber(sm.sm_error_retry_after_ms(handle))
  failure.http_status = sm.sm_error_http_status(handle)
  failure.oauth_code = ffi.string(sm.sm_error_oauth_code(handle))
  failure.oauth_description = ffi.string(sm.sm_error_oauth_description(handle))
  failure.retryable = sm.sm_error_is_retryable(handle) == 1
  failure.retry_after = retry_after_ms >= 0 and retry_after_ms / 1000 or nil
  sm.sm_error_free(handle)
  return failure
end

-- Throws where a value is no text for C, which a NUL would cut. That it is UTF-8 the library checks.
function errors.checked_text(value, name)
  if value ~= nil and type(value) ~= "string" then
    error(errors.refused(name .. " is not a string"), 0)
  elseif value and value:find("\0", 1, true) then
    error(errors.refused(name .. " holds a NUL character"), 0)
  end
  return value
end

-- What the function returns, or nil and the error of this module that it throws.
function errors.caught(call, ...)
  local done, result = pcall(call, ...)
  if done then
    return result
  elseif getmetatable(result) == Error then
    return nil, result
  end
  error(result, 0)
end

return errors
