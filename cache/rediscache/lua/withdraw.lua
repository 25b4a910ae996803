-- Puts a tombstone in an article's place and notes what listings and change log have yet to learn.
-- ARGV: article ID, reason.
-- Returns the tombstone, and the pending entry if there is one: {tombstone} or {tombstone, entry}; nil for no article.
local id = ARGV[1]
local stone = redis.call('HGET', tombstones, id)
if not stone then
  local k = redis.call('HGET', known, id)
  if not k then
    return false
  end
  local old = parse(id, k)
  stone = cjson.encode({atom_id = old.atom_id, reason = ARGV[2], at = now, topics = old.topics})
  redis.call('HSET', tombstones, id, stone)
  remove(id, old, true)
end
return {stone, redis.call('HGET', pending, id)}
