local service = require("service")
local sm_token = require("sm_token")
local suite = require("suite")

local same, says, failure, test = suite.same, suite.says, suite.failure, suite.test
local trusted, wrong = service.trusted, service.wrong
local status = sm_token.status

local STEPS = "credentials, base URL, proxy, name, connection, TLS, certificate, clock, answer"

local function joined(report, field)
  local values = {}
  for _, step in ipairs(report.steps) do
    values[#values + 1] = step[field]
  end
  return table.concat(values, ", ")
end

-- contract: check
test("every step to the server is right", function()
  local report = assert(sm_token.check(trusted()))
  same(STEPS, joined(report, "name"))
  same("ok" .. (", ok"):rep(8), joined(report, "verdict"))
  same(nil, report.error)
  says("TLS 1%.3", report.steps[6].text)
end)

test("a refused secret is the answer's, and is not shown", function()
  local report = assert(sm_token.check(wrong()))
  same(STEPS, joined(report, "name"))
  same("ok" .. (", ok"):rep(7) .. ", wrong", joined(report, "verdict"))
  assert(report.steps[9].advice ~= "")
  same(status.INVALID_CLIENT, report.error.status)
  local shown = joined(report, "text") .. joined(report, "advice") .. tostring(report.error)
  assert(not shown:find("a wrong secret", 1, true))
end)

test("a step that is not reached is unknown", function()
  local report = assert(sm_token.check(trusted { client_id = "one" }))
  same("wrong" .. (", unknown"):rep(8), joined(report, "verdict"))
  same("INVALID_ARGUMENT", report.error.code)
  same("INVALID_ARGUMENT", failure(sm_token.check { timeout = 0 }).code)
end)

-- LuaJIT has room for a thousand callbacks or so.
test("a check leaves no callback behind", function()
  for _ = 1, 3000 do
    assert(sm_token.check { client_id = "one", log = function() end })
  end
end)

test("a hook waits for the end of a check, and is called after it", function()
  -- Compiled code calls no hook.
  local function turn()
    for _ = 1, 10000 do end
  end
  jit.off(turn)
  local counted = 0
  local function hook()
    counted = counted + 1
  end
  local before, after
  debug.sethook(hook, "", 100)
  local report = sm_token.check(trusted {
    log_level = "debug",
    log = function()
      before = counted
      turn()
      after = counted
    end,
  })
  local restored = debug.gethook()
  turn()
  debug.sethook()
  same(nil, report.error)
  same(before, after)
  same(hook, restored)
  assert(counted >= after + 100, counted)
end)

-- As luajit's own Ctrl-C, by a signal: its hook throws where Lua runs next, which is where the library calls back.
test("an interrupt is thrown after the check", function()
  local options = service.hole { timeout = 2 }
  local program = ("local report = require('sm_token').check { client_id = 'id', client_secret = 'secret', "
    .. "base_url = '%s', max_retries = 0, timeout = 2 } print(report.error.code)"):format(options.base_url)
  local command = ("LUA_PATH='src/?.lua;;' timeout --signal=INT 1 luajit -e \"%s\" 2>&1"):format(program)
  local process = io.popen(command)
  local said = process:read("*a")
  process:close()
  says("interrupted!", said)
end)
