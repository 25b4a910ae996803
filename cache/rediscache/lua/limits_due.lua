-- Returns sources of which a limit has passed, each with how often it was noted: {source, notes, source, notes, …}.
-- KEYS: index, notes.  ARGV: at most so many.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local due = {}
for _, source in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))) do
  due[#due + 1] = source
  due[#due + 1] = redis.call('HGET', KEYS[2], source) or ''
end
return due
