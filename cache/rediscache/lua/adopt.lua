-- Notes the versions of a page's articles, as they were found, in one value. Where they are known by now, or the page does not stand,
-- nothing is noted.
-- ARGV: number of the page, then of each of its articles: member, version.
local fresh, list = {}, {}
for i = 2, #ARGV, 2 do
  fresh[ARGV[i]] = ARGV[i + 1]
end
for i, member in ipairs(redis.call('ZRANGEBYSCORE', pages, ARGV[1], ARGV[1])) do
  list[i] = fresh[member]
end
if #list > 0 and #list == (#ARGV - 1) / 2 then
  redis.call('HSETNX', versions, '#' .. ARGV[1], table.concat(list, ' '))
end
return 1
