-- Returns the ID of the newest entry that the change log ever had, empty for none, and the log's id.
-- KEYS: log, trimmed, id.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {newest[1] and newest[1][1] or redis.call('GET', KEYS[2]) or '', redis.call('GET', KEYS[3]) or ''}
