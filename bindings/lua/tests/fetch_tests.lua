local native = require("sm_token.native")
local service = require("service")
local sm_token = require("sm_token")
local suite = require("suite")

local same, says, failure, test = suite.same, suite.says, suite.failure, suite.test
local trusted, wrong = service.trusted, service.wrong
local status = sm_token.status

-- contract: token expiry environment
test("a fetch gives what the server said", function()
  local token = assert(sm_token.fetch(trusted()))
  says("^%w+$", token:access_token())
  same(30, #token:access_token())
  same("Bearer " .. token:access_token(), token:authorization())
  same("Bearer", token:type())
  same("all read write", token:scope())
  assert(token:expires_in() > 3500 and token:expires_in() <= 3600, token:expires_in())
  assert(math.abs(token:expires_at() - os.time() - token:expires_in()) <= 2, token:expires_at())
  same("sm_token.token", tostring(token))
end)

-- contract: odd-text
test("credentials with reserved and accented characters bring a token", function()
  assert(sm_token.fetch(trusted {
    client_id = os.getenv("SM_TOKEN_ODD_CLIENT_ID"), client_secret = os.getenv("SM_TOKEN_ODD_CLIENT_SECRET"),
  }))
end)

-- contract: half-credentials
test("one credential without the other is a bad argument", function()
  same(status.INVALID_ARGUMENT, failure(sm_token.fetch(trusted { client_id = "one" })).status)
  same(status.INVALID_ARGUMENT, failure(sm_token.fetch(trusted { client_secret = "one" })).status)
end)

-- contract: not-text
test("text that C can't take whole is refused", function()
  for _, id in ipairs { "cut\0off", "latin-1 \233", 7 } do
    local why = failure(sm_token.fetch(trusted { client_id = id, client_secret = "one" }))
    same("INVALID_ARGUMENT", why.code)
    says("^client_id ", why)
  end
end)

-- contract: option-sent
test("the scope that is asked for is granted", function()
  same("read", assert(sm_token.fetch(trusted { scope = "read" })):scope())
end)

-- contract: option-reason
test("a refused option says why in the library's words", function()
  local why = failure(sm_token.fetch { base_url = "https://example.com/?query" })
  same(status.INVALID_ARGUMENT, why.status)
  says("base URL", why)
  says("timeout", failure(sm_token.fetch { timeout = 0 }))
  says("100", failure(sm_token.fetch { max_retries = 101 }))
  says("trust is none of system, bundled", failure(sm_token.fetch { trust = "all" }))
  says("there is no option time", failure(sm_token.fetch { time = 1 }))
end)

-- contract: number-range
test("a number that C can't hold is refused", function()
  for _, timeout in ipairs { -1, 2 ^ 32, math.huge, 0 / 0, "7" } do
    says("^timeout is not", failure(sm_token.fetch { timeout = timeout }))
  end
  for _, retries in ipairs { -1, 2 ^ 32, 0.5, 0 / 0 } do
    says("^max_retries is not", failure(sm_token.fetch { max_retries = retries }))
  end
end)

-- contract: refused refused-fields no-secret
test("a refused secret says what to do and shows no secret", function()
  local why = failure(sm_token.fetch(wrong()))
  same(status.INVALID_CLIENT, why.status)
  same("INVALID_CLIENT", why.code)
  says("check client_id and client_secret", why)
  same(401, why.http_status)
  same("invalid_client", why.oauth_code)
  same(false, why.retryable)
  -- The client that a fetch uses may answer from its memory, which says how long it remembers.
  assert(why.retry_after == nil or why.retry_after <= 60, why.retry_after)
  for _, value in pairs(why) do
    assert(not tostring(value):find("a wrong secret", 1, true))
  end
end)

-- contract: insecure-url
test("http to another machine is refused", function()
  same(status.INSECURE_URL, failure(sm_token.fetch { base_url = "http://example.com" }).status)
end)

-- contract: trust-roots
test("a missing CA file is named", function()
  local why = failure(sm_token.fetch { ca_file = "/no/such/ca.pem" })
  same(status.NO_TRUST_ROOTS, why.status)
  says("/no/such/ca%.pem", why)
end)

-- contract: version
test("the version is the rock's", function()
  local rockspec = io.open(("sm_token-%s-1.rockspec"):format(sm_token.library_version()))
  assert(rockspec, "no rockspec of the library's version"):close()
end)

test("the library has the platform's name", function()
  same("sm_token.dll", native.library_name("Windows"))
  same("libsm_token.0.dylib", native.library_name("OSX"))
  same("libsm_token.so.0", native.library_name("Linux"))
end)
