-- Notes that a limit of a source's articles passes at a time.
-- KEYS: index, notes.  ARGV: source, when, in Unix milliseconds.
redis.call('ZADD', KEYS[1], 'LT', ARGV[2], ARGV[1])
redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
return 1
