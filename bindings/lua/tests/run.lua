-- Runs the tests beside the real server, as the environment describes it. From this directory's parent.
package.path = "src/?.lua;tests/?.lua;" .. package.path

local suite = require("suite")

require("fetch_tests")
require("check_tests")
require("client_tests")
require("http_tests")

os.exit(suite.report(), true)
