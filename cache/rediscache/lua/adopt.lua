-- Notes the versions of a page's articles that were listed before versions were noted, as a reader has found them.
-- ARGV: number of the page, then of each: member, version.
-- Returns 1, or 0 if the page does not stand, or some version is known by now and is another.
local same = 1
for i = 2, #ARGV, 2 do
  local known = redis.call('HGET', versions, ARGV[i])
  if tonumber(redis.call('ZSCORE', pages, ARGV[i]) or 0) ~= tonumber(ARGV[1]) then
    same = 0
  elseif not known or known == '' then
    redis.call('HSET', versions, ARGV[i], ARGV[i + 1])
  elseif known ~= ARGV[i + 1] then
    same = 0
  end
end
return same
