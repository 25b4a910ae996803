-- Returns the number of the newest page of a topic's archive that stands under settings; 0 for none.
-- ARGV: settings.
if redis.call('HGET', guard, 'settings') ~= ARGV[1] then
  return 0
end
return tonumber(redis.call('ZREVRANGE', pages, 0, 0, 'WITHSCORES')[2] or 0)
