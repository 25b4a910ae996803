-- Notes the versions of a page's articles, as they were found. One that is known by now, or whose page does not stand, stays as it is.
-- ARGV: number of the page, then of each: member, version.
for i = 2, #ARGV, 2 do
  local stands = tonumber(redis.call('ZSCORE', pages, ARGV[i]) or 0) == tonumber(ARGV[1])
  if stands and (redis.call('HGET', versions, ARGV[i]) or '') == '' then
    redis.call('HSET', versions, ARGV[i], ARGV[i + 1])
  end
end
return 1
