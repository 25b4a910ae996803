-- Drops articles that retention does not keep, and notes what listings and change log have yet to learn.
-- ARGV: token, age in milliseconds or 0, articles or 0, at most so many at a time.
-- Returns how many went, and all pending entries of the source: n, {ID, entry, …}.  Error FENCED.
if fenced(ARGV[1]) then
  return refusal
end
local age, keep, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local went = 0
local function drop(id)
  remove(id, parse(id, redis.call('HGET', known, id)), false)
  went = went + 1
end

if age > 0 then
  local before = string.format('(%.0f', now - age)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', left, '-inf', before, 'LIMIT', 0, most)) do
    drop(id)
  end
end
local excess = redis.call('HLEN', known) - keep
if keep > 0 and excess > 0 and went < most then
  for _, member in ipairs(redis.call('ZRANGE', departed, 0, math.min(excess, most - went) - 1)) do
    drop(member:sub(18))
  end
end
return {went, redis.call('HGETALL', pending)}
