-- Returns the time of the node that has the key, in Unix milliseconds.
-- KEYS: any.
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)
