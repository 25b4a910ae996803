-- Closes some pages of a topic's archive, or retires some while there are any of other settings.
-- ARGV: settings, the member after which everything listed comes into pages (empty: everything), articles to a page, at most
--       so many pages at a time.
-- Returns the number of the newest page that stands, 0 for none, and 1 if there is nothing left to do, or else 0.
local settings, after, size, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

-- What was listed before there were archives, and what a process of that time has listed since, is in no page.
if redis.call('ZCARD', pages) ~= redis.call('ZCARD', listing) then
  for _, member in ipairs(redis.call('ZRANGE', listing, 0, -1)) do
    redis.call('ZADD', pages, 'NX', 0, member)
  end
  for _, member in ipairs(redis.call('ZRANGE', pages, 0, -1)) do
    if not redis.call('ZSCORE', listing, member) then
      unlist(member)
    end
  end
end
if redis.call('HGET', guard, 'settings') ~= settings then
  local function oldest()
    return redis.call('ZRANGEBYSCORE', pages, 1, '+inf', 'LIMIT', 0, 1)[1]
  end
  local member = oldest()
  for _ = 1, most do
    if member then
      retire(member)
      member = oldest()
    end
  end
  if member then
    return {0, 0}
  end
  redis.call('HSET', guard, 'settings', settings)
end

-- The members that are listed after the one have the ranks below this: the oldest have the lowest.
local bound = after == '' and redis.call('ZCARD', listing) or redis.call('ZLEXCOUNT', listing, '-', '(' .. after)
local half = math.floor(size / 2)

-- Returns the members for the next page: those in no page, the oldest first, up to the bound and, in what is free, beyond.
local function gather()
  local page = {}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', pages, 0, 0, 'LIMIT', 0, size)) do
    if redis.call('ZRANK', listing, member) >= bound then
      break
    end
    page[#page + 1] = member
  end
  if #page > 0 and #page < size and half > 0 then
    for _, member in ipairs(redis.call('ZRANGE', listing, bound, bound + half - 1)) do
      if #page < size and tonumber(redis.call('ZSCORE', pages, member)) == 0 then
        page[#page + 1] = member
      end
    end
  end
  return page
end

local closed, done = 0, 0
while closed < most and done == 0 do
  local page = gather()
  if #page > 0 then
    closed = closed + 1
    local number = redis.call('HINCRBY', guard, 'pages', 1)
    for _, member in ipairs(page) do
      redis.call('ZADD', pages, number, member)
    end
  end
  if #page < size then
    done = 1
  end
end
local newest = redis.call('ZREVRANGE', pages, 0, 0, 'WITHSCORES')
return {tonumber(newest[2] or 0), done}
