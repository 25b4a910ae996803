-- Puts articles of one source into a topic's listing and takes others out; nothing if a later lease was here. What was
-- withdrawn never comes in again, so that a worker that is slower than the withdrawal does not bring it back.
-- Returns 0 if nothing was done, 2 if the listing had nothing of the source before, and otherwise 1.
-- ARGV: token or empty for a withdrawal, source, then each member after a sign, with a blank and the article's version behind:
--       + in, * in while a limit is ahead of it, - out, ? out unless it is there in another version, x out for good, t a tombstone's.
local done = 1
if ARGV[1] ~= '' then
  local field = '@' .. ARGV[2]
  local last = redis.call('HGET', guard, field)
  if tonumber(ARGV[1]) < tonumber(last or 0) then
    return 0
  end
  done = last and 1 or 2
  redis.call('HSET', guard, field, ARGV[1])
end
for i = 3, #ARGV do
  local sign, member, version = ARGV[i]:match('^(.)(%S+) ?(.*)$')
  local withdrawn = 'x' .. member:sub(18)
  if sign == 't' then
    redis.call('ZADD', stones, 0, member)
  elseif sign == '?' then
    local there = redis.call('HGET', versions, member) or ''
    if there == '' or there == version then
      unlist(member)
    end
  elseif sign ~= '+' and sign ~= '*' then
    unlist(member)
  elseif redis.call('HEXISTS', guard, withdrawn) == 0 then
    enlist(member, version, sign == '*')
  end
  if sign == 'x' then
    redis.call('HSET', guard, withdrawn, 1)
  end
end
redis.call('HINCRBY', guard, 'version', 1)
return done
