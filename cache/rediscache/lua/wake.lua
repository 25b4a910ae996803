-- Notes what is to be woken for the records after a cursor, if it was done up to there; begins with it.
-- ARGV: cursor from which, cursor to which, 1 for all subscriptions or empty, then the topics.
-- Returns {the cursor up to which it was done, 1 if there is more to wake}.
local woken = redis.call('HGET', meta, 'woken') or ''
if ARGV[3] == '' and woken ~= ARGV[1] then
  return {woken, 0}
end
redis.call('HSET', meta, 'woken', ARGV[2])
if ARGV[3] ~= '' then
  redis.call('HSET', waking, '*', '')
end
for i = 4, #ARGV do
  redis.call('HSET', waking, ARGV[i], '')
end
wake_some()
return {ARGV[2], redis.call('HLEN', waking) > 0 and 1 or 0}
