-- Places a new lease's token on its source's slot, so that writes under earlier ones are refused.
-- KEYS: a source's meta.  ARGV: token.
-- Returns 1, or 0 when a later lease is there already.
if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'token') or 0) then
  return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1])
return 1
