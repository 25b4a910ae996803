-- Returns the time in milliseconds, the name of the due index, empty before it has one, with which catalog it is in line, and how
-- many milliseconds it is until a source comes due, negative when one is due already: {now, name, catalog, left}, or {now, name}
-- for no source.
-- KEYS: index, tokens.
local name = redis.call('HGET', KEYS[2], '@index') or ''
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] then
  return {now, name}
end
local catalog = redis.call('HGET', KEYS[2], '@catalog') or ''
return {now, name, catalog, tonumber(first[2]) - now}
