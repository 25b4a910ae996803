-- Ends a turn and stores what is remembered of the domain.
-- KEYS: a domain's turn.  ARGV: the turn's key, when the domain is open in milliseconds, state.
-- Error FENCED.
if redis.call('HGET', KEYS[1], 'key') ~= ARGV[1] then
  return redis.error_reply('FENCED this is not the last turn')
end
redis.call('HDEL', KEYS[1], 'until')
redis.call('HSET', KEYS[1], 'open', ARGV[2], 'state', ARGV[3])
return 1
