-- Records a visit that brought neither articles nor a whole document: its note, and what conclude.lua does.
-- KEYS: a source's meta, pending, and notes where there is a note.
-- ARGV: token, state, then the place of the visit's note and the note, if there is one.
-- Returns all pending entries of the source: ID, entry, ID, entry, …  Error FENCED.
local meta, pending = KEYS[1], KEYS[2]
if redis.call('HGET', meta, 'token') ~= ARGV[1] then
  return redis.error_reply('FENCED this is not the last lease')
end
if ARGV[3] then
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
end
