-- What the scripts of a source share; it stands before each of them.
-- KEYS: a source's, in the order of sourceKeys.all.
local meta, articles, known, tombstones = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local pending, offered, left, departed, revisions = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local limits, notes, dictionaries = KEYS[10], KEYS[11], KEYS[12]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function fenced(token)
  return redis.call('HGET', meta, 'token') ~= token
end

local refusal = redis.error_reply('FENCED this is not the last lease')

-- What stands beside an article, as encode in known.go writes it: a line, or JSON as earlier versions did.
local function parse(id, text)
  if text:sub(1, 1) ~= '=' then
    return cjson.decode(text)
  end
  local parts, topics = {}, {}
  for part in (text:sub(2) .. '\t'):gmatch('([^\t]*)\t') do
    parts[#parts + 1] = part
  end
  for topic in parts[5]:gmatch('%S+') do
    topics[topic] = true
  end
  local atom, listed = parts[4], tonumber(parts[6])
  if atom:sub(1, 1) == '~' then
    atom = atom:sub(2) .. id
  end
  local place = listed < 0 and string.format('7fff%012x', 2 ^ 48 + listed) or string.format('8000%012x', listed)
  return {
    revision = tonumber(parts[1]), offer = parts[3] ~= '' and parts[3] or nil, atom_id = atom, topics = topics,
    place = place .. ':' .. id, hidden = parts[12] == '1',
  }
end

-- Makes the pending entry of an article. It is numbered by the clock, so
-- that numbers lost in a failover are not handed out again.
local function add_pending(id, entry)
  entry.seq = math.max(now, tonumber(redis.call('HGET', meta, 'seq') or 0) + 1)
  redis.call('HSET', meta, 'seq', string.format('%.0f', entry.seq))
  redis.call('HSET', pending, id, cjson.encode(entry))
end

-- Has an entry cover where the article was listed until now: topics that it does not name are ones that it left.
local function cover(entry, topics, member, was)
  for topic in pairs(topics) do
    if entry.topics[topic] == nil then
      entry.topics[topic] = false
    end
  end
  entry.was[member] = true
  for earlier in pairs(was) do
    entry.was[earlier] = true
  end
  entry.was[entry.place] = nil
end

-- Has an entry log what another one was to log. Before a removal that is the put that goes before it.
local function carry(entry, unfinished)
  if not unfinished.log then
    return
  end
  entry.log = true
  if entry.op == 'remove' then
    entry.put = unfinished.op == 'put' and unfinished.seq or unfinished.put
  end
end

-- Keeps the dictionary that articles are compressed with; an empty number is that of none.
local function keep_dictionary(number, frame)
  if number ~= '' then
    redis.call('HSETNX', dictionaries, number, frame)
  end
end

-- Forgets what an article was before.
local function forget(id)
  for revision in (redis.call('HGET', revisions, id) or ''):gmatch('%d+') do
    redis.call('HDEL', revisions, id .. ' ' .. revision)
  end
  redis.call('HDEL', revisions, id)
end

-- Notes an article's revision or phase, unless it is what is known already: then it is logged, or its entry is still there. What
-- is hidden now is logged as a removal, if it was not hidden before. Returns what was known before, decoded, if that was anything else.
local function note(id, fresh, draft)
  local old = redis.call('HGET', known, id)
  if old == fresh then
    return nil
  end
  local entry, before = cjson.decode(draft), nil
  entry.log = not entry.hidden
  if old then
    before = parse(id, old)
    cover(entry, before.topics, before.place, {})
    if entry.hidden then
      entry.log = not before.hidden
    else
      entry.log = before.hidden or before.revision ~= entry.revision
    end
  end
  local work = redis.call('HGET', pending, id)
  if work then
    local unfinished = cjson.decode(work)
    cover(entry, unfinished.topics, unfinished.place, unfinished.was)
    carry(entry, unfinished)
  end
  redis.call('HSET', known, id, fresh)
  add_pending(id, entry)
  return before
end

-- Notes when the next limit of an article passes; empty for none.
local function limit(id, at)
  if at ~= '' then
    redis.call('ZADD', limits, at, id)
  else
    redis.call('ZREM', limits, id)
  end
end

-- Takes an article away, and notes that it left every listing. A revision that was never logged is, before the removal. Nothing is
-- logged of what was hidden.
local function remove(id, old, withdrawn)
  local entry = {
    op = 'remove', withdrawn = withdrawn, log = not old.hidden,
    revision = old.revision, place = old.place, topics = {}, was = {},
  }
  if withdrawn then
    entry.at = now
  end
  cover(entry, old.topics, old.place, {})
  local work = redis.call('HGET', pending, id)
  if work then
    local unfinished = cjson.decode(work)
    cover(entry, unfinished.topics, unfinished.place, unfinished.was)
    carry(entry, unfinished)
  end
  add_pending(id, entry)
  redis.call('HDEL', articles, id)
  redis.call('HDEL', known, id)
  forget(id)
  redis.call('SREM', offered, id)
  redis.call('ZREM', left, id)
  redis.call('ZREM', departed, old.place)
  redis.call('ZREM', limits, id)
end
