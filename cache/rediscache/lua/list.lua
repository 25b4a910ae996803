-- Puts articles of one source into a topic's listing and takes others out; nothing if a later lease was here.
-- KEYS: the topic's listing, guard.
-- ARGV: token or empty for a withdrawal, source, number of places to put in, those, the places to take out.
local listing, guard = KEYS[1], KEYS[2]
if ARGV[1] ~= '' then
  local field = '@' .. ARGV[2]
  if tonumber(ARGV[1]) < tonumber(redis.call('HGET', guard, field) or 0) then
    return 0
  end
  redis.call('HSET', guard, field, ARGV[1])
end
local n = tonumber(ARGV[3])
for i = 4, 3 + n do
  redis.call('ZADD', listing, 0, ARGV[i])
end
for i = 4 + n, #ARGV do
  redis.call('ZREM', listing, ARGV[i])
end
redis.call('HINCRBY', guard, 'version', 1)
return 1
