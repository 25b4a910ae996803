-- Returns the name of the due index, empty before it has one, with which catalog it is in line, and how many milliseconds it is
-- until a source comes due, negative when one is due already: {name, catalog, left}, or {name} for no source.
-- KEYS: index, tokens.
local name = redis.call('HGET', KEYS[2], '@index') or ''
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] then
  return {name}
end
local time = redis.call('TIME')
local catalog = redis.call('HGET', KEYS[2], '@catalog') or ''
return {name, catalog, tonumber(first[2]) - time[1] * 1000 - math.floor(time[2] / 1000)}
