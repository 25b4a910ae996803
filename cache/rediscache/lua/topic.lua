-- What the scripts of a topic share; it stands before each of them.
-- KEYS: a topic's, in the order of topicKeys.all.
local listing, guard, stones, pages, versions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Retires the page that a member is in, if it is in one.
local function retire(member)
  local page = tonumber(redis.call('ZSCORE', pages, member) or 0)
  if page > 0 then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', pages, page, page)) do
      redis.call('ZADD', pages, 0, other)
    end
  end
end

-- Lists a member, at which a version of its article stands from now on.
local function enlist(member, version)
  redis.call('ZADD', listing, 0, member)
  if redis.call('ZADD', pages, 'NX', 0, member) == 1 then
    redis.call('HSET', versions, member, version)
  elseif redis.call('HGET', versions, member) ~= version then
    retire(member)
    redis.call('HSET', versions, member, version)
  end
end

local function unlist(member)
  retire(member)
  redis.call('ZREM', listing, member)
  redis.call('ZREM', pages, member)
  redis.call('HDEL', versions, member)
end
