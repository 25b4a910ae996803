-- Writes the articles of a visit, notes what listings and change log have yet to learn, and who is still offered.
-- KEYS: a source's, in the order of sourceKeys.all.
-- ARGV: token, number of articles, then of each: ID, article, known, pending, place;
--       then "1" and the offered IDs, or "0" when there was no whole document.
-- Returns all pending entries of the source: ID, entry, ID, entry, …  Error FENCED.
local meta, articles, known, tombstones = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local pending, offered, left, departed = KEYS[5], KEYS[6], KEYS[7], KEYS[8]

local token = tonumber(ARGV[1])
if token < tonumber(redis.call('HGET', meta, 'token') or 0) then
  return redis.error_reply('FENCED a later lease was taken')
end
redis.call('HSET', meta, 'token', ARGV[1])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Entries are numbered by the clock, so that numbers lost in a failover are not handed out again.
local function next_seq()
  local seq = math.max(now, tonumber(redis.call('HGET', meta, 'seq') or 0) + 1)
  redis.call('HSET', meta, 'seq', string.format('%.0f', seq))
  return seq
end

-- What an unfinished or an earlier entry listed must be visited too: topics that are not listed any more go out.
local function cover(entry, topics, at)
  for topic in pairs(topics) do
    if entry.topics[topic] == nil then
      entry.topics[topic] = false
    end
  end
  if at ~= entry.place then
    entry.was[at] = true
  end
end

local function offer(id, at)
  redis.call('SADD', offered, id)
  redis.call('ZREM', left, id)
  redis.call('ZREM', departed, at)
end

local i = 3
for _ = 1, tonumber(ARGV[2]) do
  local id, article, fresh, at = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  if redis.call('HEXISTS', tombstones, id) == 0 then
    local old = redis.call('HGET', known, id)
    local work = redis.call('HGET', pending, id)
    if old ~= fresh then
      local entry = cjson.decode(ARGV[i + 3])
      entry.seq, entry.log = next_seq(), true
      if old then
        local before = cjson.decode(old)
        cover(entry, before.topics, before.place)
        entry.log = before.revision ~= entry.revision
        if before.place ~= at then
          redis.call('ZREM', departed, before.place)
        end
      end
      if work then
        local unfinished = cjson.decode(work)
        cover(entry, unfinished.topics, unfinished.place)
        for place in pairs(unfinished.was) do
          if place ~= at then
            entry.was[place] = true
          end
        end
        entry.log = entry.log or unfinished.log
      end
      redis.call('HSET', known, id, fresh)
      redis.call('HSET', pending, id, cjson.encode(entry))
    end
    redis.call('HSET', articles, id, article)
    offer(id, at)
  end
  i = i + 5
end

if ARGV[i] == '1' then
  local now_offered = {}
  for j = i + 1, #ARGV do
    local id = ARGV[j]
    now_offered[id] = true
    local k = redis.call('HGET', known, id)
    if k then
      offer(id, cjson.decode(k).place)
    end
  end
  for _, id in ipairs(redis.call('SMEMBERS', offered)) do
    if not now_offered[id] then
      redis.call('SREM', offered, id)
      redis.call('ZADD', left, now, id)
      redis.call('ZADD', departed, 0, cjson.decode(redis.call('HGET', known, id)).place)
    end
  end
end

return redis.call('HGETALL', pending)
