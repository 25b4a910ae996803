-- Returns articles of a source of which a limit has passed: {now, {ID, article, ID, article, …}}.
-- ARGV: at most so many.
local due = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', limits, '-inf', string.format('%.0f', now), 'LIMIT', 0, tonumber(ARGV[1]))) do
  due[#due + 1] = id
  due[#due + 1] = redis.call('HGET', articles, id) or ''
end
return {string.format('%.0f', now), due}
