-- The options of a client, from a table to the library's handle.
--
--   client_id, client_secret   without both, SMX_CLIENT_ID and SMX_CLIENT_SECRET of the environment
--   client_id_file, client_secret_file
--                     files that hold the credentials, both or neither, where none are given; read again for each
--                     request, so that they may change
--   base_url          an https: URL. Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io
--   scope             the scope to ask for, space separated (RFC 6749 section 3.3). Default: the server chooses
--   user_agent        1 to 256 characters of printable ASCII
--   proxy             [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: from the environment
--   ca_file           a PEM file of certificate authorities that are trusted in place of the system's
--   trust             whose authorities are trusted without a ca_file: "system" (default) or "bundled"
--   timeout           the deadline of a request with its retries, in seconds. Default: 30
--   connect_timeout   how long one connection may take, in seconds. Default: 10
--   max_retries       0 to 100. Default: 2
--   log               function (level, message), called while a method of the client runs. It keeps the client
--                     alive until that is closed, if it refers to it
--   log_level         the least important level that is wanted: "error", "warn", "info" (default) or "debug"
local ffi = require("ffi")
local errors = require("sm_token.error")
local native = require("sm_token.native")

local sm = native.library
local LARGEST = 2 ^ 32 - 1
local LOG_LEVELS = { [0] = "off", "error", "warn", "info", "debug" }
local TRUST = { [0] = "system", "bundled" }

local options = {}

local function refuse(message)
  error(errors.refused(message), 0)
end

-- Seconds as the milliseconds that C takes; a part of one counts as one.
function options.milliseconds(seconds, name)
  local milliseconds = type(seconds) == "number" and math.ceil(seconds * 1000)
  if not milliseconds or not (milliseconds >= 0 and milliseconds <= LARGEST) then
    refuse(("%s is not a number of seconds from 0 to %d"):format(name, LARGEST / 1000))
  end
  return milliseconds
end

local function count(value, name)
  if type(value) ~= "number" or not (value >= 0 and value <= LARGEST) or value % 1 ~= 0 then
    refuse(("%s is not a whole number from 0 to %d"):format(name, LARGEST))
  end
  return value
end

local function one_of(names)
  return function(value, name)
    for position = 0, #names do
      if names[position] == value then
        return position
      end
    end
    refuse(("%s is none of %s"):format(name, table.concat(names, ", ", 0)))
  end
end

local SET = {
  base_url = { sm.sm_options_set_base_url, errors.checked_text },
  scope = { sm.sm_options_set_scope, errors.checked_text },
  user_agent = { sm.sm_options_set_user_agent, errors.checked_text },
  proxy = { sm.sm_options_set_proxy, errors.checked_text },
  ca_file = { sm.sm_options_set_ca_file, errors.checked_text },
  trust = { sm.sm_options_set_trust, one_of(TRUST) },
  timeout = { sm.sm_options_set_timeout_ms, options.milliseconds },
  connect_timeout = { sm.sm_options_set_connect_timeout_ms, options.milliseconds },
  max_retries = { sm.sm_options_set_max_retries, count },
}
local OTHERS = {
  client_id = true, client_secret = true, client_id_file = true, client_secret_file = true, log = true, log_level = true,
}

local function check(handle, status)
  if status ~= errors.status.OK then
    error(errors.new(status, ffi.string(sm.sm_options_message(handle))), 0)
  end
end

-- No error may pass through the library; that of a handler costs no token.
local function callback_of(log)
  return ffi.cast("sm_log_fn", function(_, level, message)
    local done, why = pcall(log, LOG_LEVELS[level], ffi.string(message))
    if not done then
      io.stderr:write("the log handler of sm_token failed: ", tostring(why), "\n")
    end
  end)
end

-- A handle that is freed with the value, and the callback to free after what took the options, or nil. Throws.
function options.native(given)
  local handle = ffi.gc(sm.sm_options_new(), sm.sm_options_free)
  for name, value in pairs(given) do
    local set = SET[name]
    if set then
      check(handle, set[1](handle, set[2](value, name)))
    elseif not OTHERS[name] then
      refuse("there is no option " .. tostring(name))
    end
  end
  local id_file = errors.checked_text(given.client_id_file, "client_id_file")
  local secret_file = errors.checked_text(given.client_secret_file, "client_secret_file")
  check(handle, sm.sm_options_set_credential_files(handle, id_file, secret_file))
  if not given.log then
    return handle, nil
  end

  if type(given.log) ~= "function" then
    refuse("log is not a function")
  end
  local level = one_of(LOG_LEVELS)(given.log_level or "info", "log_level")
  local callback = callback_of(given.log)
  check(handle, sm.sm_options_set_log(handle, callback, nil, level))
  return handle, callback
end

return options
