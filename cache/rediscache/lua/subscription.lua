-- What the scripts of a channel's subscriptions share; it stands before each of them.
-- KEYS: the channel's, in the order of subscriptionKeys.all.
local ids, rows, progress, topics, groups = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local due, retry, ends, failing, slow = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local claims, waking, meta = KEYS[11], KEYS[12], KEYS[13]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function int(n) return string.format('%.0f', n) end

-- Calls a command with a list of arguments, if there are any, in parts that Lua's stack has room for.
local function many(command, key, list)
  for i = 1, #list, 1000 do
    redis.call(command, key, unpack(list, i, math.min(i + 999, #list)))
  end
end

-- The parts of a row: group, since, the rest as JSON.
local function parse(row)
  return row:match('^([^\n]*)\n([^\n]*)\n(.*)$')
end

-- Takes a subscription out from under its topics and its group.
local function unlist(id, row)
  local group, _, rest = parse(row)
  local wanted = cjson.decode(rest).topics
  if type(wanted) == 'table' then
    for _, topic in ipairs(wanted) do
      redis.call('ZREM', topics, topic .. ' ' .. id)
    end
  end
  redis.call('ZREM', groups, group .. ' ' .. id)
end

local function remove(id)
  local row = redis.call('HGET', rows, id)
  if not row then
    return
  end
  unlist(id, row)
  for _, key in ipairs({ids, due, retry, ends, failing, slow}) do
    redis.call('ZREM', key, id)
  end
  for _, key in ipairs({rows, progress, claims}) do
    redis.call('HDEL', key, id)
  end
end

-- Whether a subscription's end has passed.
local function ended(id)
  local score = redis.call('ZSCORE', ends, id)
  return score and tonumber(score) <= now
end

-- The scores of subscriptions in a set, false for those that are not in it. The call takes at least one.
local function scores(key, list)
  return redis.call('ZMSCORE', key, unpack(list))
end

-- Makes at most 500 subscriptions due: at once, or when their backoff ends. What has a claim is marked.
local function rouse(list)
  local claimed = redis.call('HMGET', claims, unpack(list))
  local fails, slows, prompts, retries = scores(failing, list), scores(slow, list), scores(due, list), scores(retry, list)
  local marked, at_once, doubtful = {}, {}, {}
  for i, id in ipairs(list) do
    local doubted = fails[i] or slows[i]
    local at = doubted and retries[i] or not doubted and prompts[i]
    if claimed[i] then
      if claimed[i]:match('%d$') then
        marked[#marked + 1] = id
        marked[#marked + 1] = claimed[i] .. '+'
      end
    elseif not at or (not fails[i] and tonumber(at) > now) then
      local to = doubted and doubtful or at_once
      to[#to + 1] = int(now)
      to[#to + 1] = id
    end
  end
  many('HSET', claims, marked)
  many('ZADD', due, at_once)
  many('ZADD', retry, doubtful)
end

-- Goes on with what is to be woken, for at most 500 subscriptions. Whether there is more is what HLEN of waking says.
local function wake_some()
  local work = redis.call('HGETALL', waking)
  if #work == 0 then
    return
  end
  local topic, last = work[1], work[2]
  local list
  if topic == '*' then
    list = redis.call('ZRANGEBYLEX', ids, last == '' and '-' or '(' .. last, '+', 'LIMIT', 0, 500)
  else
    list = redis.call('ZRANGEBYLEX', topics, '(' .. topic .. ' ' .. last, '(' .. topic .. '!', 'LIMIT', 0, 500)
    for i, member in ipairs(list) do
      list[i] = member:sub(#topic + 2)
    end
  end
  if #list > 0 then
    rouse(list)
  end
  if #list < 500 then
    redis.call('HDEL', waking, topic)
  else
    redis.call('HSET', waking, topic, list[#list])
  end
end

-- What comes next: {now, when, since when the one fails that has failed for the longest}, empty for never.
local function upcoming()
  local at
  for _, key in ipairs({due, retry, ends}) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[1] and (not at or tonumber(first[2]) < at) then
      at = tonumber(first[2])
    end
  end
  if redis.call('HLEN', waking) > 0 then
    at = now
  end
  local first = redis.call('ZRANGE', failing, 0, 0, 'WITHSCORES')
  return {int(now), at and int(at) or '', first[1] and int(tonumber(first[2])) or ''}
end
