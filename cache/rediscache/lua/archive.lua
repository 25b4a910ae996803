-- Closes some pages of a topic's archive, or retires some while there are any of other settings.
-- ARGV: settings, the member after which everything listed comes into pages (empty: everything), articles to a page, at most
--       so many pages at a time.
-- Returns the number of the newest page that stands, 0 for none, 1 if there is nothing left to do, or else 0, and the first and the
-- last number of the pages that were closed, if there are any.
local settings, after, size, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

tidy()
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
    return {0, 0, 0, 0}
  end
  redis.call('HSET', guard, 'settings', settings)
end

-- The members that are listed after the one have the ranks below this: the oldest have the lowest.
local below = after == '' and redis.call('ZCARD', listing) or redis.call('ZLEXCOUNT', listing, '-', '(' .. after)
local half = math.floor(size / 2)

-- Returns the members for the next page: those in no page, the oldest first, up to that rank and, in what is free, beyond.
local function gather()
  local page = {}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', pages, 0, 0, 'LIMIT', 0, size)) do
    if redis.call('ZRANK', listing, member) >= math.min(below, covered) then
      break
    end
    page[#page + 1] = member
  end
  local function take(member, number)
    if not number or number == 0 then
      page[#page + 1] = member
    end
    return #page >= size
  end
  if #page < size then
    scan(covered, below - 1, take)
  end
  if #page > 0 and #page < size then
    scan(math.max(below, 0), below + half - 1, take)
  end
  return page
end

-- Closes a page. What is listed before its last member, the highest of them, is in a page as well, or was passed over below the bound.
local function close(page)
  local number = redis.call('HINCRBY', guard, 'pages', 1)
  for _, member in ipairs(page) do
    redis.call('ZADD', pages, number, member)
  end
  local last = page[#page]
  if redis.call('ZRANK', listing, last) >= covered then
    cover(last)
  end
end

local closed, done = 0, 0
while closed < most and done == 0 do
  local page = gather()
  if #page > 0 then
    closed = closed + 1
    close(page)
  end
  if #page < size then
    done = 1
  end
end
local newest = redis.call('ZREVRANGE', pages, 0, 0, 'WITHSCORES')
local last = tonumber(redis.call('HGET', guard, 'pages') or 0)
return {tonumber(newest[2] or 0), done, last - closed + 1, last}
