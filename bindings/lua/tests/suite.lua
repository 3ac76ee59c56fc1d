-- What the tests are made of.
local suite = {}

local run, failed = 0, 0

function suite.test(name, body)
  run = run + 1
  local done, why = xpcall(body, debug.traceback)
  collectgarbage()
  if done then
    print("ok " .. name)
  else
    failed = failed + 1
    print("FAILED " .. name .. ": " .. tostring(why))
  end
end

function suite.same(expected, actual)
  if expected ~= actual then
    error(("%s in place of %s"):format(tostring(actual), tostring(expected)), 2)
  end
end

function suite.says(pattern, text)
  if not tostring(text):find(pattern) then
    error(("not like %s: %s"):format(pattern, tostring(text)), 2)
  end
end

-- The error of a call that returned nil and it.
function suite.failure(result, failure)
  if result ~= nil then
    error("it did not fail", 2)
  end
  return failure
end

function suite.report()
  print(("%d tests, %d failed"):format(run, failed))
  return failed == 0 and 0 or 1
end

return suite
