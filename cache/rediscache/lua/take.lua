-- Claims due subscriptions, the longest due first.
-- KEYS: further, the claim's nonce.
-- ARGV: how many at most whose last delivery went well, how many of the others, how many of one group or 0, lease in milliseconds;
--       then groups, each followed by how many of it count already.
-- Returns {what comes next, token, {ID, row, progress, …}}; the same claims again when it is called again.
local nonce = KEYS[14]
local most, doubtful, per_group, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local function reply(token, list)
  local claimed = {}
  for _, id in ipairs(list) do
    local row = redis.call('HGET', rows, id)
    if row and (redis.call('HGET', claims, id) or ''):match('^%d*') == token then
      for _, part in ipairs({id, row, redis.call('HGET', progress, id)}) do
        claimed[#claimed + 1] = part
      end
    end
  end
  return {upcoming(), token, claimed}
end

local earlier = redis.call('GET', nonce)
if earlier then
  local done = cjson.decode(earlier)
  return reply(done[1], done[2])
end
wake_some()
for _, id in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', int(now), 'LIMIT', 0, 100)) do
  remove(id)
end

-- Counts what is claimed of each group.
local function counter()
  local count = {}
  for i = 5, #ARGV, 2 do
    count[ARGV[i]] = tonumber(ARGV[i + 1])
  end
  return function(group)
    if group == '' or per_group <= 0 then
      return true
    end
    if (count[group] or 0) >= per_group then
      return false
    end
    count[group] = (count[group] or 0) + 1
    return true
  end
end

-- Finds at most n that are due among the first thousand. Where these are not enough they go to the end, behind others that
-- are due as well.
local function candidates(key, n, found)
  local admit, passed, seen, had = counter(), {}, 0, 0
  while n > had and seen < 1000 do
    local some = redis.call('ZRANGEBYSCORE', key, '-inf', int(now), 'WITHSCORES', 'LIMIT', seen, math.min(n - had + 16, 1000 - seen))
    if #some == 0 then
      return
    end
    local list = {}
    for i = 1, #some, 2 do
      list[#list + 1] = some[i]
    end
    local values = redis.call('HMGET', rows, unpack(list))
    for i, id in ipairs(list) do
      seen = seen + 1
      local group = parse(values[i])
      if had < n and admit(group) then
        had = had + 1
        found[#found + 1] = {id, tonumber(some[2 * i]), group, key}
      elseif had < n then
        passed[#passed + 1] = int(now)
        passed[#passed + 1] = id
      end
    end
  end
  if had < n then
    many('ZADD', key, passed)
  end
end

local found = {}
candidates(retry, doubtful, found)
candidates(due, most, found)
table.sort(found, function(a, b)
  if a[2] ~= b[2] then
    return a[2] < b[2]
  end
  return a[1] < b[1]
end)
local admit, list, tokens, moved = counter(), {}, {}, {[due] = {}, [retry] = {}}
-- Tokens follow the clock, so that tokens lost in a failover are not handed out again.
local token = int(math.max(now, tonumber(redis.call('HGET', meta, 'token') or 0) + 1))
local till = int(now + lease)
for _, one in ipairs(found) do
  if admit(one[3]) then
    list[#list + 1] = one[1]
    tokens[#tokens + 1] = one[1]
    tokens[#tokens + 1] = token
    local to = moved[one[4]]
    to[#to + 1] = till
    to[#to + 1] = one[1]
  end
end
if #list > 0 then
  redis.call('HSET', meta, 'token', token)
  many('HSET', claims, tokens)
  many('ZADD', due, moved[due])
  many('ZADD', retry, moved[retry])
  redis.call('SET', nonce, cjson.encode({token, list}), 'PX', 30000)
end
return reply(token, list)
