-- Moves a source from one due time to another, if it is still there.
-- KEYS: index, tokens.  ARGV: source, from and to in milliseconds, empty for absent.
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
local there
if ARGV[2] == '' then
  there = not score
else
  there = score and tonumber(score) == tonumber(ARGV[2])
end
if not there then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
  local time = redis.call('TIME')
  redis.call('HSETNX', KEYS[2], '@index', time[1] .. '-' .. time[2])
end
return 1
