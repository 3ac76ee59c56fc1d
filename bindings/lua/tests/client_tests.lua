local service = require("service")
local sm_token = require("sm_token")
local suite = require("suite")

local same, says, failure, test = suite.same, suite.says, suite.failure, suite.test
local trusted, wrong, hole, elapsed = service.trusted, service.wrong, service.hole, service.elapsed

-- contract: cached
test("a client gives the same token twice", function()
  same(1, service.requests(function()
    local client = assert(sm_token.client(trusted()))
    same(assert(client:authorization()), assert(client:token()):authorization())
  end))
end)

-- contract: authorization-whole
test("an authorization of any length is whole", function()
  for _, length in ipairs { 16, 1024, 16 * 1024 } do
    local options, over = service.handing_out(("t"):rep(length))
    same("Bearer " .. ("t"):rep(length), assert(assert(sm_token.client(options)):authorization()))
    over()
  end
end)

-- contract: invalidate invalidate-old invalidate-all
test("an invalidated token is replaced, and an old one invalidates nothing", function()
  local client = assert(sm_token.client(trusted()))
  local first = assert(client:token())
  assert(client:invalidate(first))
  local second = assert(client:authorization())
  assert(second ~= first:authorization(), "it is the same")
  client:invalidate(first)
  client:invalidate(first:authorization())
  same(second, assert(client:authorization()))

  local other = assert(sm_token.client(trusted()))
  local before = assert(other:authorization())
  assert(other:invalidate())
  assert(before ~= assert(other:authorization()), "it is the same")
end)

-- contract: remembered
test("a refusal is remembered, and says for how long", function()
  local client = assert(sm_token.client(wrong()))
  same(1, service.requests(function()
    failure(client:token())
    local why = failure(client:token())
    same("INVALID_CLIENT", why.code)
    assert(why.retry_after > 0 and why.retry_after <= 60, why.retry_after)
  end))
end)

-- contract: shutdown
test("after shutdown and after close a call fails", function()
  for _, ending in ipairs { "shutdown", "close" } do
    local client = assert(sm_token.client(trusted()))
    local token = assert(client:token())
    client[ending](client)
    same("CANCELED", failure(client:token()).code)
    same("CANCELED", failure(client:authorization()).code)
    client[ending](client)
    same("Bearer", token:type())
  end
end)

-- contract: log log-no-secret log-raises
test("the log gets events from its level on, and what it throws costs no token", function()
  local events = {}
  local log = function(level, message)
    events[#events + 1] = level .. ": " .. message
    error("the handler's own")
  end
  local client = assert(sm_token.client(trusted { log = log, log_level = "info" }))
  local token = assert(client:token()):access_token()
  client:invalidate()
  -- Often enough that LuaJIT would compile the calls, which then could not call back.
  for _ = 1, 1000 do
    assert(client:authorization())
    client:invalidate()
  end
  local all = "\n" .. table.concat(events, "\n")
  says("\ninfo: ", all)
  assert(not all:find("\ndebug: ") and not all:find(token, 1, true), all)
  client:close()
end)

test("credentials come from files, and can be replaced", function()
  local files = { client_id_file = "SMX_CLIENT_ID", client_secret_file = "SMX_CLIENT_SECRET" }
  for option, variable in pairs(files) do
    files[option] = os.tmpname()
    local file = assert(io.open(files[option], "wb"))
    file:write(os.getenv(variable), "\n")
    file:close()
  end
  same("Bearer", assert(sm_token.fetch(trusted(files))):type())
  same("INVALID_ARGUMENT", failure(sm_token.fetch(trusted { client_id_file = files.client_id_file })).code)
  os.remove(files.client_id_file)
  os.remove(files.client_secret_file)

  local client = assert(sm_token.client(wrong()))
  same("INVALID_CLIENT", failure(client:token()).code)
  assert(client:set_credentials(os.getenv("SMX_CLIENT_ID"), os.getenv("SMX_CLIENT_SECRET")))
  same("Bearer", assert(client:token()):type())
  same("INVALID_ARGUMENT", failure(client:set_credentials("one", nil)).code)
end)

test("a log handler may close its client", function()
  local client, heard = nil, 0
  local log = function()
    heard = heard + 1
    client:close()
    collectgarbage()
  end
  client = assert(sm_token.client(wrong { log = log, log_level = "debug" }))
  failure(client:authorization())
  assert(heard > 0, "nothing was logged")
  same("CANCELED", failure(client:authorization()).code)
end)

-- contract: wait-interrupted
test("a hook, as Ctrl-C sets one, ends a wait", function()
  local client = assert(sm_token.client(hole { timeout = 60 }))
  local took = elapsed(function()
    -- An interpreter sets the hook when the signal comes; here it is there from the start.
    local instructions = 0
    debug.sethook(function()
      instructions = instructions + 100
      if instructions > 500 then
        debug.sethook()
        error("interrupted", 0)
      end
    end, "", 100)
    local done, why = pcall(client.token, client)
    debug.sethook()
    same(false, done)
    same("interrupted", why)
  end)
  assert(took < 20, took .. " s")
end)

test("a wait has a bound of its own", function()
  local client = assert(sm_token.client(hole { timeout = 60 }))
  for _, wait in ipairs { 0, 0.2 } do
    local why
    local took = elapsed(function()
      why = failure(client:authorization(wait))
    end)
    same("TIMEOUT", why.code)
    same(true, why.retryable)
    same(nil, why.retry_after)
    assert(took >= wait and took < 20, took .. " s")
  end
  says("^wait is not", failure(client:token(-1)))
  same("TIMEOUT", failure(sm_token.fetch(hole { timeout = 0.3 })).code)
end)

-- contract: wait-bounded
test("the request goes on for the next call", function()
  service.control("POST", "/settings", '{"delay_ms": 500}')
  local client = assert(sm_token.client(trusted()))
  same(1, service.requests(function()
    same("TIMEOUT", failure(client:token(0.05)).code)
    same("Bearer", assert(client:token()):type())
  end))
  service.control("POST", "/settings", '{"delay_ms": 0}')
end)
