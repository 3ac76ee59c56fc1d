-- The real server, as the environment describes it, and servers on loopback that misbehave.
local ffi = require("ffi")
local http_request = require("http.request")
local socket = require("cqueues.socket")

ffi.cdef [[
  int fork(void);
  int waitpid(int process, int *status, int options);
  void _exit(int status);
  typedef struct { long tv_sec; long tv_nsec; } sm_token_test_time;
  int clock_gettime(int clock, sm_token_test_time *time);
]]

local service = {}

local function with(base, more)
  for name, value in pairs(more or {}) do
    base[name] = value
  end
  return base
end

function service.trusted(more)
  return with({ ca_file = os.getenv("SM_TOKEN_CA_FILE") }, more)
end

function service.wrong(more)
  return service.trusted(with({ client_id = os.getenv("SMX_CLIENT_ID"), client_secret = "a wrong secret" }, more))
end

function service.control(method, path, body)
  local request = http_request.new_from_uri(os.getenv("SM_TOKEN_CONTROL_URL") .. path)
  request.headers:upsert(":method", method)
  request.proxies = nil
  if body then
    request:set_body(body)
    request.headers:delete("expect")
  end
  local headers, stream = assert(request:go(60))
  assert(headers:get(":status") == "200", method .. " " .. path)
  return assert(stream:get_body_as_string(60))
end

-- How many token requests the server answers while the action runs.
function service.requests(action)
  local function counted()
    return tonumber(service.control("GET", "/counts"):match('"token_requests": (%d+)'))
  end
  local before = counted()
  action()
  return counted() - before
end

local function listening()
  local server = assert(socket.listen("127.0.0.1", 0))
  assert(server:listen())
  local _, _, port = server:localname()
  return server, "http://127.0.0.1:" .. port
end
service.listening = listening

-- Options that lead to a server which accepts connections and never answers: the system accepts them.
local holes = {}
function service.hole(more)
  local server, url = listening()
  holes[#holes + 1] = server
  return with({ client_id = "id", client_secret = "secret", base_url = url, max_retries = 0 }, more)
end

-- Runs the action in a process of its own; the function that comes back waits for its end.
function service.beside(action)
  local process = ffi.C.fork()
  if process == 0 then
    pcall(action)
    ffi.C._exit(0)
  end
  return function()
    ffi.C.waitpid(process, nil, 0)
  end
end

-- Options that lead to a server which hands out this token once, and what waits for its end.
function service.handing_out(token)
  local server, url = listening()
  local over = service.beside(function()
    local connection = server:accept()
    connection:setmode("b", "b")
    while connection:read("*l") ~= "\r" do end
    local body = ('{"access_token": "%s", "expires_in": 3600, "token_type": "Bearer"}'):format(token)
    connection:write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ",
      #body, "\r\n\r\n", body)
    connection:flush()
    connection:shutdown("w")
  end)
  return { client_id = "id", client_secret = "secret", base_url = url }, over
end

function service.elapsed(action)
  local CLOCK_MONOTONIC = 1
  local function now()
    local time = ffi.new("sm_token_test_time")
    ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
    return tonumber(time.tv_sec) + tonumber(time.tv_nsec) / 1e9
  end
  local before = now()
  action()
  return now() - before
end

return service
