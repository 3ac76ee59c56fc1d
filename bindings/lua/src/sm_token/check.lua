-- The steps to a token, for an operator who asks what is wrong. A report is a table, in which nothing holds a secret:
--
--   steps    a list with each step once, in this order: "credentials", "base URL", "proxy", "name", "connection", "TLS",
--            "certificate", "clock", "answer". A step is a table:
--              name      one of these
--              verdict   "ok", "wrong", or "unknown" where the step was not reached, does not apply, or can't be judged
--              text      what is, in one line
--              advice    one thing to do; "" where there is nothing to do
--   error    that of the first step that is wrong (of "clock", which no fetch fails for: CERTIFICATE); nil where none is
local ffi = require("ffi")
local errors = require("sm_token.error")
local native = require("sm_token.native")
local options = require("sm_token.options")

local sm = native.library
local VERDICTS = { [0] = "ok", "wrong", "unknown" }

-- LuaJIT must not compile a call that calls back into Lua: none in this file, and in what it contains.
jit.off(true, true)

-- What the call returns, or throws. Lua calls no hook while one runs: the call is made in a hook, so that no other hook,
-- such as that of Ctrl-C, throws through the library. A hook that is set meanwhile is called afterwards.
local function without_hooks(call)
  local hook, mask, count = debug.gethook()
  if type(hook) == "string" then
    error(errors.refused("a check does not run beside a hook that C has set, which it could not restore"), 0)
  end
  local done, result
  debug.sethook(function()
    debug.sethook()
    done, result = pcall(call)
  end, "", 1)
  -- Here that hook has run, unless the caller is itself a hook.
  if done == nil then
    debug.sethook()
    done, result = pcall(call)
  end
  if hook and not debug.gethook() then
    debug.sethook(hook, mask, count)
  end
  if not done then
    error(result, 0)
  end
  return result
end

local function taken_into(steps)
  return ffi.cast("sm_check_fn", function(_, name, verdict, text, advice)
    return pcall(function()
      steps[#steps + 1] = {
        name = ffi.string(name), verdict = VERDICTS[verdict], text = ffi.string(text), advice = ffi.string(advice),
      }
    end) and 1 or 0
  end)
end

local check = {}

-- A report, or nil and an error where the options are refused. One request is sent, and the token that it may bring is
-- dropped. Takes the options of a client. Lasts for at most their timeout: hooks wait for its end.
function check.run(given)
  return errors.caught(function()
    given = given or {}
    local id = errors.checked_text(given.client_id, "client_id")
    local secret = errors.checked_text(given.client_secret, "client_secret")
    return without_hooks(function()
      local native_options, log = options.native(given)
      local report, failure = { steps = {} }, ffi.new("sm_error *[1]")
      local step = taken_into(report.steps)
      local status = sm.sm_check(id, secret, native_options, step, nil, failure)
      step:free()
      if log then
        log:free()
      end
      if status ~= errors.status.OK then
        report.error = errors.taken(status, failure[0])
      end
      return report
    end)
  end)
end

return check
