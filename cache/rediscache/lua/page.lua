-- Reads a page of a topic's archive.
-- ARGV: its number.
-- Returns {the newest number that was given, settings, number of the next older page that stands, version of the listing,
-- {member, version of its article or empty where it is not known, …}}, members in descending order; none if the page was retired.
local number = tonumber(ARGV[1])
local older = redis.call('ZREVRANGEBYSCORE', pages, '(' .. ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
local page = {}
if number > 0 then
  local members, found = read_page(number)
  for i = #members, 1, -1 do
    page[#page + 1] = members[i]
    page[#page + 1] = found[members[i]] or ''
  end
end
return {
  tonumber(redis.call('HGET', guard, 'pages') or 0),
  redis.call('HGET', guard, 'settings') or '',
  tonumber(older[2] or 0),
  redis.call('HGET', guard, 'version') or '',
  page,
}
