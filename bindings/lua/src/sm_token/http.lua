-- Sends requests of lua-http to one API with the current token, and to no other.
local errors = require("sm_token.error")
local uri_pattern = "^(https?)://([^/?#@]+)"

local Api = {}
Api.__index = Api

local http = {}

local function authority_of(scheme, authority)
  local host, port = authority:lower():match("^(.-):?(%d*)$")
  if authority:find("^%[") then
    host, port = authority:lower():match("^(%[.-%]):?(%d*)$")
  end
  if not host or host == "" then
    return nil
  end
  return ("%s://%s:%s"):format(scheme, host, port ~= "" and port or scheme == "https" and "443" or "80"), host
end

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

-- For the API at a URL such as https://api.standardmetrics.io, of which scheme, host and port count; or nil and an error.
function http.new(client, api)
  local scheme, authority = tostring(api):lower():match(uri_pattern)
  local origin, host
  if scheme then
    origin, host = authority_of(scheme, authority)
  end
  if not origin then
    return nil, errors.refused("the API's URL has no scheme or no host")
  elseif scheme == "http" and not is_loopback(host) then
    local message = ("http: to %s would show the token to the network; give an https: URL"):format(host)
    return nil, errors.new(errors.status.INSECURE_URL, message)
  end
  return setmetatable({ client = client, origin = origin }, Api)
end

local function send(request, authorization, timeout)
  request.headers:upsert("authorization", authorization, true)
  local headers, stream = request:go(timeout)
  request.headers:delete("authorization")
  return headers, stream
end

-- As request:go(timeout): headers and stream, or nil and what went wrong. Where the API refuses the token (401) the
-- request is sent once more with another one, unless its body is a function. Redirects of the API are not followed.
function Api:go(request, timeout)
  local origin = authority_of(request.headers:get(":scheme") or "", request.headers:get(":authority") or "")
  if origin ~= self.origin then
    return request:go(timeout)
  end

  request.follow_redirects = false
  local authorization, failure = self.client:authorization()
  if not authorization then
    return nil, failure
  end
  local headers, stream = send(request, authorization, timeout)
  if not headers or headers:get(":status") ~= "401" then
    return headers, stream
  end

  self.client:invalidate(authorization)
  if type(request.body) == "function" then
    return headers, stream
  end
  local another = self.client:authorization()
  -- An API that refuses every token: the client spreads its requests for new ones out.
  if not another or another == authorization then
    return headers, stream
  end
  stream:shutdown()
  return send(request, another, timeout)
end

return http
