-- Moves a source to when its next limit passes, unless another one was noted since it was looked up.
-- KEYS: index, notes.  ARGV: source, how often it was noted then, when the next passes in Unix milliseconds or empty for none.
if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 1
