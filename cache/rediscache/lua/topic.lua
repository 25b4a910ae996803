-- What the scripts of a topic share; it stands before each of them.
-- KEYS: a topic's, in the order of topicKeys.all.
local listing, guard, stones, pages, versions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- The page that a member is in, 0 for none.
local function page_of(member)
  return tonumber(redis.call('ZSCORE', pages, member) or 0)
end

-- The members of a page that stands, the oldest first, and the versions in which their articles are in it, by member. Those that are
-- not known are left out. A page has them in one value; the others are of an earlier version, or of a member with a limit ahead.
local function read_page(page)
  local members, found = redis.call('ZRANGEBYSCORE', pages, page, page), {}
  local next_version = (redis.call('HGET', versions, '#' .. page) or ''):gmatch('%S+')
  for _, member in ipairs(members) do
    local version = next_version() or redis.call('HGET', versions, member)
    found[member] = version ~= '' and version or nil
  end
  return members, found
end

-- Retires the page that a member is in, if it is in one.
local function retire(member)
  local page = page_of(member)
  if page > 0 then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', pages, page, page)) do
      redis.call('ZADD', pages, 0, other)
    end
    redis.call('HDEL', versions, '#' .. page)
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
  else
    local page = page_of(member)
    if page > 0 and select(2, read_page(page))[member] ~= version then
      retire(member)
    end
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
