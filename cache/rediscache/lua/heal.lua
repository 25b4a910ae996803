-- Takes places out of a listing whose articles are not there, if the listing has not changed since they were looked for.
-- KEYS: the topic's listing, guard.  ARGV: version, places.
if (redis.call('HGET', KEYS[2], 'version') or '') ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i])
end
return 1
