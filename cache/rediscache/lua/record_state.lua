-- Records a visit that brought neither articles nor a whole document: the note, and the state, unless listings and change log have
-- something to learn from an earlier one.
-- KEYS: a source's meta, pending, and notes where there is a note.
-- ARGV: token, state, then the place of the visit's note and the note, if there is one.
-- Returns all pending entries of the source: ID, entry, ID, entry, …  Error FENCED.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED this is not the last lease')
end
if ARGV[3] then
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
end
local unlogged = redis.call('HGETALL', KEYS[2])
if #unlogged == 0 then
  redis.call('HSET', KEYS[1], 'state', ARGV[2], 'state_token', ARGV[1])
end
return unlogged
