-- For wrk: slates of 20 items for the users of a file, one identifier a line (CASCADE_USERS), from the one on that comes after
-- CASCADE_FIRST requests. Prints percentiles of all answers.
--
--   CASCADE_USERS=users.txt wrk -t1 -c8 -d20s -s Benchmarks/service/slates.lua http://127.0.0.1:8080

local users = {}
for line in io.lines(os.getenv("CASCADE_USERS") or "users.txt") do users[#users + 1] = line end
local asked = tonumber(os.getenv("CASCADE_FIRST") or "0")

request = function()
  asked = asked + 1
  -- Neighbours in the file are not asked for one after another.
  local user = users[asked * 7919 % #users + 1]
  return wrk.format("POST", "/v1/recommendations", { ["Content-Type"] = "application/json" }, '{"user_id":"' .. user .. '","limit":20}')
end

done = function(summary, latency)
  local at = function(percent) return latency:percentile(percent) / 1000 end
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("p50 %.1f, p99 %.1f, p99.9 %.1f ms; %.1f answers a second, %d of %d not 2xx, %d lost\n",
    at(50), at(99), at(99.9), summary.requests / summary.duration * 1e6, summary.errors.status, summary.requests, lost))
end
