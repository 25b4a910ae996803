-- Has a subscription told from another place. What a claim that is under way records does not count.
-- ARGV: ID, the place.
-- Returns 0 if there is none.
local id = ARGV[1]
local json = redis.call('HGET', progress, id)
if not json or ended(id) then
  return 0
end
local p = cjson.decode(json)
p.told, p.failures, p.failing, p.why, p.slow = ARGV[2], nil, nil, nil, nil
redis.call('HSET', progress, id, cjson.encode(p))
redis.call('ZREM', failing, id)
redis.call('ZREM', slow, id)
local claim = redis.call('HGET', claims, id)
local at = int(now)
if claim then
  redis.call('HSET', claims, id, claim:match('^%d*') .. '!')
  at = redis.call('ZSCORE', retry, id) or redis.call('ZSCORE', due, id)
end
redis.call('ZREM', retry, id)
redis.call('ZADD', due, at, id)
return 1
