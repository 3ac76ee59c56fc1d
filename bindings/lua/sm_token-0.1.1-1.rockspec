rockspec_format = "3.0"
package = "sm_token"
version = "0.1.1-1"
source = { url = "file://." }
description = {
  summary = "Access tokens for the Standard Metrics API, fetched and kept by libsm_token",
  license = "MIT OR Apache-2.0",
}
-- LuaJIT, whose FFI it takes, is a Lua 5.1.
dependencies = { "lua == 5.1" }
build = {
  type = "builtin",
  modules = {
    ["sm_token"] = "src/sm_token.lua",
    ["sm_token.check"] = "src/sm_token/check.lua",
    ["sm_token.client"] = "src/sm_token/client.lua",
    ["sm_token.error"] = "src/sm_token/error.lua",
    ["sm_token.http"] = "src/sm_token/http.lua",
    ["sm_token.native"] = "src/sm_token/native.lua",
    ["sm_token.options"] = "src/sm_token/options.lua",
    ["sm_token.token"] = "src/sm_token/token.lua",
  },
}
test = { type = "command", command = "luajit tests/run.lua" }
