-- Reads subscriptions that have not ended.
-- ARGV: an ID; or the ID to continue after, and how many at most.
-- Returns {ID, row, progress, due, …}, and behind these, of several, the ID to continue after.
local found = {}
local function read(id)
  local row = redis.call('HGET', rows, id)
  if row and not ended(id) then
    local at = redis.call('ZSCORE', due, id) or redis.call('ZSCORE', retry, id)
    for _, part in ipairs({id, row, redis.call('HGET', progress, id), at and int(tonumber(at)) or ''}) do
      found[#found + 1] = part
    end
  end
end
if not ARGV[2] then
  read(ARGV[1])
  return found
end
local page = redis.call('ZRANGEBYLEX', ids, ARGV[1] == '' and '-' or '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2])
for _, id in ipairs(page) do
  read(id)
end
found[#found + 1] = #page == tonumber(ARGV[2]) and page[#page] or ''
return found
