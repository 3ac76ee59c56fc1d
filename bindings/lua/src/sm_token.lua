-- Access tokens for the Standard Metrics API, fetched and kept by libsm_token.
--
-- What can fail returns nil and an error: see sm_token/error.lua.
local ffi = require("ffi")
local check = require("sm_token.check")
local client = require("sm_token.client")
local errors = require("sm_token.error")
local native = require("sm_token.native")

local sm_token = { check = check.run, client = client.new, status = errors.status }

-- One token; a program that needs more than one keeps a client. Takes the options of sm_token.client.
function sm_token.fetch(options)
  local kept, failure = client.new(options)
  if not kept then
    return nil, failure
  end
  local token
  token, failure = kept:token()
  kept:close()
  return token, failure
end

-- The version of the C library that runs, as "MAJOR.MINOR.PATCH".
function sm_token.library_version()
  return ffi.string(native.library.sm_version())
end

return sm_token
