-- Drops articles that retention does not keep, and notes what listings and change log have yet to learn.
-- KEYS: a source's, in the order of sourceKeys.all.
-- ARGV: token, age in milliseconds or 0, articles or 0, at most so many at a time.
-- Returns how many went, and all pending entries of the source: n, {ID, entry, …}.  Error FENCED.
local meta, articles, known, pending = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local left, departed = KEYS[7], KEYS[8]

if tonumber(ARGV[1]) < tonumber(redis.call('HGET', meta, 'token') or 0) then
  return redis.error_reply('FENCED a later lease was taken')
end
redis.call('HSET', meta, 'token', ARGV[1])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local age, keep, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local function drop(id)
  local old = cjson.decode(redis.call('HGET', known, id))
  local entry = {op = 'remove', revision = old.revision, place = old.place, topics = {}, was = {}, log = true}
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
  redis.call('HSET', pending, id, cjson.encode(entry))
  redis.call('HDEL', articles, id)
  redis.call('HDEL', known, id)
  redis.call('ZREM', left, id)
  redis.call('ZREM', departed, old.place)
end

local went = 0
if age > 0 then
  local before = string.format('(%.0f', now - age)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', left, '-inf', before, 'LIMIT', 0, most)) do
    drop(id)
    went = went + 1
  end
end
local excess = redis.call('HLEN', known) - keep
if keep > 0 and excess > 0 and went < most then
  for _, place in ipairs(redis.call('ZRANGE', departed, 0, math.min(excess, most - went) - 1)) do
    drop(place:sub(18))
    went = went + 1
  end
end
return {went, redis.call('HGETALL', pending)}
