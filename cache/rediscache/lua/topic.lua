-- What the scripts of a topic share; it stands before each of them.
-- KEYS: a topic's, in the order of topicKeys.all.
local listing, guard, stones, pages, versions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Retires the page that a place is in, if it is in one.
local function retire(place)
  local page = tonumber(redis.call('ZSCORE', pages, place) or 0)
  if page > 0 then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', pages, page, page)) do
      redis.call('ZADD', pages, 0, other)
    end
  end
end

-- Lists a place, at which a version of its article stands from now on.
local function enlist(place, version)
  redis.call('ZADD', listing, 0, place)
  if redis.call('ZADD', pages, 'NX', 0, place) == 1 then
    redis.call('HSET', versions, place, version)
  elseif redis.call('HGET', versions, place) ~= version then
    retire(place)
    redis.call('HSET', versions, place, version)
  end
end

local function unlist(place)
  retire(place)
  redis.call('ZREM', listing, place)
  redis.call('ZREM', pages, place)
  redis.call('HDEL', versions, place)
end
