-- Returns the ID of the newest entry that the change log ever had, empty for none.
-- KEYS: log, trimmed.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or redis.call('GET', KEYS[2]) or ''
