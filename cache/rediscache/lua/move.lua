-- Moves a leased source's due time, or takes it out, if no later lease was taken.
-- KEYS: index, tokens.  ARGV: source, token, due in milliseconds or empty to take it out.
-- Error FENCED.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  return redis.error_reply('FENCED this is not the last lease')
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
