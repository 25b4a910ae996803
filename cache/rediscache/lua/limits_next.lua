-- Returns how many milliseconds it is until a limit passes, negative when one has: {left}, or {} for none.
-- KEYS: index, notes.
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] then
  return {}
end
local time = redis.call('TIME')
return {tonumber(first[2]) - time[1] * 1000 - math.floor(time[2] / 1000)}
