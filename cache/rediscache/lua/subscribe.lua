-- Stores a subscription, or changes what one that is there wants.
-- ARGV: ID, group, end in milliseconds or empty, the rest of the row as JSON, progress as JSON, since when it fails in
--       milliseconds or empty, 1 where it is slow or empty; then its topics.
local id, group, finish, rest = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if ended(id) then
  remove(id)
end
local row = redis.call('HGET', rows, id)
local since = int(now)
if row then
  unlist(id, row)
  since = select(2, parse(row))
else
  redis.call('HSET', progress, id, ARGV[5])
  if ARGV[6] ~= '' then
    redis.call('ZADD', failing, ARGV[6], id)
  end
  if ARGV[7] ~= '' then
    redis.call('ZADD', slow, 0, id)
  end
  redis.call('ZADD', (ARGV[6] ~= '' or ARGV[7] ~= '') and retry or due, int(now), id)
end
redis.call('HSET', rows, id, group .. '\n' .. since .. '\n' .. rest)
redis.call('ZADD', ids, 0, id)
for i = 8, #ARGV do
  redis.call('ZADD', topics, 0, ARGV[i] .. ' ' .. id)
end
if group ~= '' then
  redis.call('ZADD', groups, 0, group .. ' ' .. id)
end
if finish == '' then
  redis.call('ZREM', ends, id)
else
  redis.call('ZADD', ends, finish, id)
end
return 1
