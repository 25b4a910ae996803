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

-- How many members are listed up to the bound: those of the lowest ranks, which alone are among the pages.
local function bounded()
  local bound = redis.call('HGET', guard, 'bound')
  return bound and redis.call('ZLEXCOUNT', listing, '-', '[' .. bound) or 0
end

-- Lists a member, at which a version of its article stands from now on. The version is noted where it is of use: in a page, and
-- where a limit is ahead.
local function enlist(member, version, limited)
  local new = redis.call('ZADD', listing, 0, member) == 1
  local noted = redis.call('HGET', versions, member)
  if new then
    if redis.call('ZRANK', listing, member) < bounded() then
      redis.call('ZADD', pages, 'NX', 0, member)
    end
  elseif noted ~= version then
    retire(member)
  end
  if limited or noted then
    redis.call('HSET', versions, member, version)
  end
end

local function unlist(member)
  retire(member)
  redis.call('ZREM', listing, member)
  redis.call('ZREM', pages, member)
  redis.call('HDEL', versions, member)
end
