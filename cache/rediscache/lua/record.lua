-- Writes the articles of a visit, notes what listings and change log have yet to learn, and which articles are still offered; and the
-- state, where they have nothing to learn.
-- ARGV: token, state, how many revisions to keep besides the first, the place of the visit's note or empty for none, the note,
--       the number of the articles' dictionary or empty for none, its frame, number of articles, then of each: ID, article, known,
--       pending, member, when its next limit passes or empty for none;
--       then "1" and the offered IDs, or "0" when there was no whole document.
-- Returns all pending entries of the source: ID, entry, ID, entry, …  Error FENCED.
if fenced(ARGV[1]) then
  return refusal
end

local function offer(id, member)
  redis.call('SADD', offered, id)
  redis.call('ZREM', left, id)
  redis.call('ZREM', departed, member)
end

-- Keeps the text that an article has as an earlier revision of it, and drops those that are no longer kept.
local function save_revision(id, revision)
  local text, kept = redis.call('HGET', articles, id), {}
  if not text then
    return
  end
  for earlier in (redis.call('HGET', revisions, id) or ''):gmatch('%d+') do
    kept[#kept + 1] = earlier
  end
  kept[#kept + 1] = string.format('%.0f', revision)
  redis.call('HSET', revisions, id .. ' ' .. kept[#kept], text)
  while #kept > 1 + tonumber(ARGV[3]) do
    redis.call('HDEL', revisions, id .. ' ' .. table.remove(kept, 2))
  end
  redis.call('HSET', revisions, id, table.concat(kept, ' '))
end

if ARGV[4] ~= '' then
  redis.call('HSET', notes, ARGV[4], ARGV[5])
end

local limited = redis.call('ZCARD', limits) > 0
local next_article = 9
keep_dictionary(ARGV[6], ARGV[7])
for _ = 1, tonumber(ARGV[8]) do
  local id, article, fresh, draft, member, passes = unpack(ARGV, next_article, next_article + 5)
  if redis.call('HEXISTS', tombstones, id) == 0 then
    local before = note(id, fresh, draft)
    if before then
      local after = parse(id, fresh)
      redis.call('ZREM', departed, before.place)
      if before.revision ~= after.revision and before.offer ~= after.offer then
        save_revision(id, before.revision)
      end
    end
    redis.call('HSET', articles, id, article)
    if passes ~= '' or limited then
      limit(id, passes)
    end
    offer(id, member)
  end
  next_article = next_article + 6
end

if ARGV[next_article] == '1' then
  local there = {}
  for i = next_article + 1, #ARGV do
    local id = ARGV[i]
    local k = redis.call('HGET', known, id)
    if k then
      there[id] = true
      offer(id, parse(id, k).place)
    end
  end
  for _, id in ipairs(redis.call('SMEMBERS', offered)) do
    if not there[id] then
      redis.call('SREM', offered, id)
      redis.call('ZADD', left, now, id)
      redis.call('ZADD', departed, 0, parse(id, redis.call('HGET', known, id)).place)
    end
  end
  -- An earlier version stops between the last two where it cannot read what is known.
  if redis.call('ZCARD', left) ~= redis.call('ZCARD', departed) then
    for _, id in ipairs(redis.call('ZRANGE', left, 0, -1)) do
      local k = redis.call('HGET', known, id)
      if k then
        redis.call('ZADD', departed, 0, parse(id, k).place)
      else
        redis.call('ZREM', left, id)
      end
    end
  end
end
