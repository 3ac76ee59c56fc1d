-- A client, which keeps a valid token: served from memory, refreshed in time.
local ffi = require("ffi")
local errors = require("sm_token.error")
local native = require("sm_token.native")
local options = require("sm_token.options")
local token = require("sm_token.token")

local sm = native.library

-- LuaJIT must not compile a call that may call back into Lua: none in this file, and in what it contains.
jit.off(true, true)

-- How long Lua's own hooks, such as that of Ctrl-C, wait for the library.
local SLICE_MS = 50

-- 16 KiB and 8 bytes hold any authorization.
local LONGEST = 16 * 1024 + 8

local Client = {}
Client.__index = Client
Client.__name = "sm_token.client"

local client = {}

-- A client, or nil and an error. Makes no request yet.
function client.new(given)
  return errors.caught(function()
    given = given or {}
    local id = errors.checked_text(given.client_id, "client_id")
    local secret = errors.checked_text(given.client_secret, "client_secret")
    local native_options, callback = options.native(given)
    local out, failure = ffi.new("sm_client *[1]"), ffi.new("sm_error *[1]")
    local status = sm.sm_client_new(id, secret, native_options, out, failure)
    if status ~= errors.status.OK then
      if callback then
        callback:free()
      end
      error(errors.taken(status, failure[0]), 0)
    end
    -- The library may call back as long as it has the client.
    local function free(handle)
      sm.sm_client_free(handle)
      if callback then
        callback:free()
      end
    end
    return setmetatable({ handle = ffi.gc(out[0], free), free = free, calls = 0 }, Client)
  end)
end

-- A log handler may close the client that calls it: the handle is freed once no call is under way.
local function free_when_unused(self)
  if self.closed and self.calls == 0 and self.handle then
    local handle = ffi.gc(self.handle, nil)
    self.handle = nil
    self.free(handle)
  end
end

local function use(self, call, ...)
  if self.closed then
    error(errors.new(errors.status.CANCELED, "the client is closed"), 0)
  end
  self.calls = self.calls + 1
  local done, result = pcall(call, self.handle, ...)
  self.calls = self.calls - 1
  free_when_unused(self)
  if not done then
    error(result, 0)
  end
  return result
end

-- A slice ended while the server is still asked; a remembered failure says for how long.
local function is_under_way(failure)
  return type(failure) == "table" and failure.status == errors.status.TIMEOUT and not failure.retry_after
end

-- Waits in slices, so that Lua runs its hooks in between.
local function wait_for(self, wait, look)
  local left_ms = wait and options.milliseconds(wait, "wait")
  while true do
    local slice_ms = left_ms and math.min(left_ms, SLICE_MS) or SLICE_MS
    local done, result = pcall(use, self, look, slice_ms)
    if done then
      return result
    end
    left_ms = left_ms and left_ms - slice_ms
    if not is_under_way(result) or left_ms == 0 then
      error(result, 0)
    end
  end
end

local function look_for_token(handle, wait_ms)
  local out, failure = ffi.new("sm_token *[1]"), ffi.new("sm_error *[1]")
  local status = sm.sm_client_token_within(handle, wait_ms, out, failure)
  if status ~= errors.status.OK then
    error(errors.taken(status, failure[0]), 0)
  end
  return token.own(out[0])
end

local function look_for_authorization(handle, wait_ms)
  local buffer, length, failure = ffi.new("char[?]", LONGEST), ffi.new("size_t[1]"), ffi.new("sm_error *[1]")
  local status = sm.sm_client_authorization_within(handle, wait_ms, buffer, LONGEST, length, failure)
  if status ~= errors.status.OK then
    error(errors.taken(status, failure[0]), 0)
  end
  local authorization = ffi.string(buffer, length[0])
  ffi.fill(buffer, length[0])
  return authorization
end

-- The current token, or nil and an error. `wait`: seconds to wait at most, 0 or more; nil means the timeout of the
-- options. The request goes on for the next call.
function Client:token(wait)
  return errors.caught(wait_for, self, wait, look_for_token)
end

-- The current "Bearer TOKEN", or nil and an error. `wait` is as for token.
function Client:authorization(wait)
  return errors.caught(wait_for, self, wait, look_for_authorization)
end

-- Drops a token that a resource refused (HTTP 401), an object or what authorization returned, if it is still the
-- current one. Without it drops whichever is current, and forgets a remembered failure. Returns true, or nil and an
-- error.
function Client:invalidate(refused)
  return errors.caught(use, self, function(handle)
    if type(refused) == "table" then
      sm.sm_client_invalidate(handle, refused.handle)
    else
      sm.sm_client_invalidate_authorization(handle, errors.checked_text(refused, "authorization"))
    end
    return true
  end)
end

-- Puts other credentials in place, for the next request; the current token stays. Returns true, or nil and an error.
function Client:set_credentials(client_id, client_secret)
  return errors.caught(use, self, function(handle)
    local id = errors.checked_text(client_id, "client_id")
    local secret = errors.checked_text(client_secret, "client_secret")
    local failure = ffi.new("sm_error *[1]")
    local status = sm.sm_client_set_credentials(handle, id, secret, failure)
    if status ~= errors.status.OK then
      error(errors.taken(status, failure[0]), 0)
    end
    return true
  end)
end

-- Refuses later calls with CANCELED.
function Client:shutdown()
  if not self.closed then
    use(self, sm.sm_client_shutdown)
  end
end

-- Shuts down and frees the client at once, not only when it is collected. Its tokens live on.
function Client:close()
  self.closed = true
  free_when_unused(self)
end

function Client:__tostring()
  return "sm_token.client"
end

return client
