local http = require("sm_token.http")
local http_request = require("http.request")
local http_tls = require("http.tls")
local service = require("service")
local sm_token = require("sm_token")
local suite = require("suite")
local x509_store = require("openssl.x509.store")

local same, failure, test = suite.same, suite.failure, suite.test

local function companies(body)
  local request = http_request.new_from_uri(os.getenv("SMX_BASE_URL") .. "/v1/companies/")
  local store = x509_store.new()
  store:add(os.getenv("SM_TOKEN_CA_FILE"))
  request.ctx = http_tls.new_client_context()
  request.ctx:setStore(store)
  if body then
    request.headers:upsert(":method", "POST")
    request:set_body(body)
  end
  return request
end

local function api()
  return assert(http.new(assert(sm_token.client(service.trusted())), os.getenv("SMX_BASE_URL")))
end

local function status_of(headers)
  return assert(headers):get(":status")
end

test("a request has the token only while it is sent", function()
  local request = companies()
  same("200", status_of(api():go(request, 60)))
  same(nil, request.headers:get("authorization"))
end)

test("a refused token is replaced, and the body is sent again whole", function()
  local authorized = api()
  same("200", status_of(authorized:go(companies(), 60)))
  service.control("POST", "/revoke_all")
  local headers, stream
  same(1, service.requests(function()
    headers, stream = authorized:go(companies(("x"):rep(100000)), 60)
  end))
  same("201", status_of(headers))
  same('{"received_bytes": 100000}', stream:get_body_as_string(60))
end)

test("a body that a function gives is sent once", function()
  local authorized = api()
  authorized:go(companies(), 60)
  service.control("POST", "/revoke_all")
  local parts = { "once" }
  local request = companies(function()
    return table.remove(parts)
  end)
  request.headers:upsert("content-length", "4")
  request.headers:delete("expect")
  same("401", status_of(authorized:go(request, 60)))
end)

test("another host gets no token", function()
  local server, url = service.listening()
  local authorized = api()
  same(0, service.requests(function()
    authorized:go(http_request.new_from_uri(url .. "/"), 0.3)
  end))
  local connection = server:accept(10)
  connection:setmode("b", "b")
  local sent = connection:read(-65536)
  assert(sent:find("^GET ") and not sent:lower():find("authorization", 1, true), sent)
end)

test("an API without https on another machine is refused", function()
  local client = assert(sm_token.client { client_id = "id", client_secret = "secret" })
  same("INSECURE_URL", failure(http.new(client, "http://example.com")).code)
  for _, url in ipairs { "no URL", "ftp://example.com", "", "https://:443" } do
    same("INVALID_ARGUMENT", failure(http.new(client, url)).code)
  end
end)
