-- Moves the end of a turn that lasts.
-- KEYS: a domain's turn.  ARGV: the turn's key, lease in milliseconds.
-- Error FENCED.
local turn = redis.call('HMGET', KEYS[1], 'key', 'until')
if turn[1] ~= ARGV[1] or not turn[2] then
  return redis.error_reply('FENCED this is not the last turn')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[2])))
return 1
