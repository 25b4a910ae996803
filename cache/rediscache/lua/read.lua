-- Reads the change log.
-- KEYS: log, trimmed, id.  ARGV: ID to continue after, limit.
-- Returns {ID of the newest entry that was ever trimmed, ID of the newest entry, entries, the log's id}.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {
  redis.call('GET', KEYS[2]) or '',
  newest[1] and newest[1][1] or '',
  redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2]),
  redis.call('GET', KEYS[3]) or '',
}
