-- Gives units of a quota, as cache.Quota.Spend has it.
-- KEYS: the quota.  ARGV: units, period in microseconds, how many at most.
-- Returns {now, full before}: the caller computes what was given from these, as this script did.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local units, period, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local before = tonumber(redis.call('GET', KEYS[1]) or 0)
local full = math.min(math.max(before, now), now + period)
local there = math.floor((now + period - full) * units / period)
local given = math.min(math.max(n, 0), there)
full = math.min(full + math.floor((given * period + units - 1) / units), now + period)
if full > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return {string.format('%.0f', now), string.format('%.0f', before)}
