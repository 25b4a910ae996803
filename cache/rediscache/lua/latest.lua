-- Returns the newest entries of the change log, the newest first, and the log's id.
-- KEYS: log, id.  ARGV: how many.
return {redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1]), redis.call('GET', KEYS[2]) or ''}
