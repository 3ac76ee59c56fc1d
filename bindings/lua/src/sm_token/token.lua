-- An access token, whose memory is wiped when it is collected. Its methods:
--
--   access_token(), authorization()   the token itself, and "Bearer TOKEN"
--   type()          the type as the server wrote it: "Bearer", in some case
--   scope()         the granted scope, space separated; "" where the server did not say
--   expires_at()    seconds of Unix time, as os.time() gives them
--   expires_in()    whole seconds that it is still good; never below 0
local ffi = require("ffi")
local native = require("sm_token.native")

local sm = native.library

local Token = {}
Token.__index = Token
Token.__name = "sm_token.token"

local token = {}

-- For the client alone.
function token.own(handle)
  return setmetatable({ handle = ffi.gc(handle, sm.sm_token_free) }, Token)
end

function Token:access_token()
  return ffi.string(sm.sm_token_access_token(self.handle))
end

function Token:authorization()
  return ffi.string(sm.sm_token_authorization(self.handle))
end

function Token:type()
  return ffi.string(sm.sm_token_type(self.handle))
end

function Token:scope()
  return ffi.string(sm.sm_token_scope(self.handle))
end

function Token:expires_at()
  return tonumber(sm.sm_token_expires_at(self.handle))
end

function Token:expires_in()
  return tonumber(sm.sm_token_expires_in(self.handle))
end

function Token:__tostring()
  return "sm_token.token"
end

return token
