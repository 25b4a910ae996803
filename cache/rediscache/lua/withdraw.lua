-- Puts a tombstone in an article's place and notes what listings and change log have yet to learn.
-- KEYS: a source's, in the order of sourceKeys.all.
-- ARGV: article ID, reason.
-- Returns the tombstone, and the pending entry if there is one: {tombstone} or {tombstone, entry}; nil for no article.
local meta, articles, known, tombstones = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local pending, offered, left, departed = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local id = ARGV[1]

local stone = redis.call('HGET', tombstones, id)
if not stone then
  local k = redis.call('HGET', known, id)
  if not k then
    return false
  end
  local old = cjson.decode(k)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  stone = cjson.encode({atom_id = old.atom_id, reason = ARGV[2], at = now, topics = old.topics})

  local entry = {op = 'remove', withdrawn = true, revision = old.revision, place = old.place, topics = {}, was = {}, log = true}
  for topic in pairs(old.topics) do
    entry.topics[topic] = false
  end
  local work = redis.call('HGET', pending, id)
  if work then
    local unfinished = cjson.decode(work)
    for topic in pairs(unfinished.topics) do
      entry.topics[topic] = false
    end
    unfinished.was[unfinished.place] = true
    for place in pairs(unfinished.was) do
      if place ~= old.place then
        entry.was[place] = true
      end
    end
  end
  entry.seq = math.max(now, tonumber(redis.call('HGET', meta, 'seq') or 0) + 1)
  redis.call('HSET', meta, 'seq', string.format('%.0f', entry.seq))
  redis.call('HSET', tombstones, id, stone)
  redis.call('HSET', pending, id, cjson.encode(entry))
  redis.call('HDEL', articles, id)
  redis.call('HDEL', known, id)
  redis.call('SREM', offered, id)
  redis.call('ZREM', left, id)
  redis.call('ZREM', departed, old.place)
end
return {stone, redis.call('HGET', pending, id)}
