
-- Writes the state of a visit, where listings and change log have nothing to learn. It stands behind each script that records one:
-- ARGV begins with token and state, and meta and pending are the source's.
local unlogged = redis.call('HGETALL', pending)
if #unlogged == 0 then
  redis.call('HSET', meta, 'state', ARGV[2], 'state_token', ARGV[1])
end
return unlogged
