-- Fetches an access token and shows what came with it, the token itself masked.
--
-- The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
-- it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
local directory = arg[0]:match("^(.*/)") or ""
package.path = directory .. "src/?.lua;" .. package.path
local sm_token = require("sm_token")

local token, failure = sm_token.fetch { ca_file = os.getenv("SM_TOKEN_CA_FILE") }
if not token then
  io.stderr:write("no token: ", tostring(failure), "\n")
  os.exit(1, true)
end

local text = token:access_token()
print("  type     " .. token:type())
print("  scope    " .. token:scope())
print("  expires  in " .. token:expires_in() .. " seconds")
print("  token    " .. text:sub(1, 4) .. "... (" .. #text .. " characters)")
