-- Drops the oldest entries of the change log, and the marks that they were the last to set.
-- KEYS: log, trimmed, marks.  ARGV: ID before which entries go, at most so many at a time.
-- Returns how many went.
local log, trimmed, marks = KEYS[1], KEYS[2], KEYS[3]
local entries = redis.call('XRANGE', log, '-', '(' .. ARGV[1], 'COUNT', ARGV[2])
for _, entry in ipairs(entries) do
  local fields = {}
  for i = 1, #entry[2], 2 do
    fields[entry[2][i]] = entry[2][i + 1]
  end
  if redis.call('HGET', marks, fields.article) == fields.mark then
    redis.call('HDEL', marks, fields.article)
  end
end
if #entries > 0 then
  local last = entries[#entries][1]
  redis.call('XTRIM', log, 'MINID', '=', last)
  redis.call('XDEL', log, last)
  redis.call('SET', trimmed, last)
end
return #entries
