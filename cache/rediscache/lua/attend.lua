-- Says that a process is at work, and drops those that have not said so in time.
-- KEYS: processes.  ARGV: ID, lease in milliseconds, the process as JSON.
-- Returns the other processes: {ID, process, ID, process, …}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + tonumber(ARGV[2]), ARGV[3]))
local entries, others = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #entries, 2 do
  local id = entries[i]
  local ends, process = entries[i + 1]:match('^(%d+) (.*)$')
  if tonumber(ends) <= now then
    redis.call('HDEL', KEYS[1], id)
  elseif id ~= ARGV[1] then
    others[#others + 1] = id
    others[#others + 1] = process
  end
end
return others
