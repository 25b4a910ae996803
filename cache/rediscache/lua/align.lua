-- Notes with which catalog the due index of a name is in line, unless it has another name by now.
-- KEYS: tokens.  ARGV: name, catalog.
if redis.call('HGET', KEYS[1], '@index') == ARGV[1] then
  redis.call('HSET', KEYS[1], '@catalog', ARGV[2])
end
return 1
