-- Returns how many milliseconds it is until a source comes due, negative when one is due already; nil for no source.
-- KEYS: index.
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] then
  return false
end
local time = redis.call('TIME')
return tonumber(first[2]) - time[1] * 1000 - math.floor(time[2] / 1000)
