-- Ends claims and records what came of them. A claim that was lost changes nothing.
-- ARGV: of each claim: ID, token, what to do, progress as JSON, since when it fails in milliseconds or empty, 1 where it was
--       slow or empty. What to do is: x to remove it, empty to wait for a wake, or in how many milliseconds it is due again.
-- Returns what comes next.
local list = {}
for i = 1, #ARGV, 6 do
  list[#list + 1] = ARGV[i]
end
local claimed = redis.call('HMGET', claims, unpack(list))
local over, told, fails, slows, prompts, doubtful, dues = {}, {}, {}, {}, {}, {}, {}
local function add(to, a, b)
  to[#to + 1] = a
  to[#to + 1] = b
end
for i = 1, #ARGV, 6 do
  local id, token, todo = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local last, sign = (claimed[(i + 5) / 6] or ''):match('^(%d*)(.?)')
  if last ~= token then
    todo = nil -- it was lost
  elseif sign == '!' then -- rewound since the claim: it has no failures
    over[#over + 1] = id
    add(prompts, int(now), id)
  elseif todo == 'x' then
    remove(id)
  else
    local since, was_slow = ARGV[i + 4], ARGV[i + 5]
    local at = todo ~= '' and now + tonumber(todo)
    if sign == '+' and (since == '' or not at) then
      at = now
    end
    over[#over + 1] = id
    add(told, id, ARGV[i + 3])
    if since ~= '' then
      add(fails, since, id)
    end
    if was_slow ~= '' then
      add(slows, '0', id)
    end
    if at then
      add((since ~= '' or was_slow ~= '') and doubtful or prompts, int(at), id)
    end
  end
end
many('HDEL', claims, over)
for _, key in ipairs({due, retry, failing, slow}) do
  many('ZREM', key, over)
end
many('HSET', progress, told)
many('ZADD', failing, fails)
many('ZADD', slow, slows)
many('ZADD', due, prompts)
many('ZADD', retry, doubtful)
return upcoming()
