-- What has the pages of a topic's archive in order, before some are closed.
local covered = bounded()

-- Calls a function with each member between two ranks, from the one to the other, and with its page: 0 for none, nil where it is
-- not among the pages. It goes on until that returns true.
local function scan(from, to, see)
  while from <= to do
    local some = redis.call('ZRANGE', listing, from, math.min(from + 499, to))
    if #some == 0 then
      return
    end
    local numbers = redis.call('ZMSCORE', pages, unpack(some))
    for i, member in ipairs(some) do
      if see(member, numbers[i] and tonumber(numbers[i])) then
        return
      end
    end
    from = from + #some
  end
end

-- Moves the bound up to a member.
local function cover(member)
  redis.call('HSET', guard, 'bound', member)
  covered = redis.call('ZRANK', listing, member) + 1
end

-- Has all among the pages that is listed between a rank and the bound.
local function fill(from)
  scan(from, covered - 1, function(member, number)
    if not number then
      redis.call('ZADD', pages, 0, member)
    end
  end)
end

-- Has just those members among the pages that are listed up to the bound. An earlier version puts all members there, beyond the bound
-- too: then it is moved up to the last one. One from before there were archives lists and unlists without a word.
local function tidy()
  local last = redis.call('ZRANGE', listing, -1, -1)[1]
  if last and redis.call('ZCARD', pages) ~= covered then
    local from = covered
    cover(last)
    fill(from)
  end
  if redis.call('ZCARD', pages) ~= covered then
    fill(0)
    for _, member in ipairs(redis.call('ZRANGE', pages, 0, -1)) do
      if not redis.call('ZSCORE', listing, member) then
        unlist(member)
      end
    end
    covered = bounded()
  end
end

