-- Forgets the state of a source, and what was noted of its visits.
-- ARGV: token, how many notes are kept.  Error FENCED.
if fenced(ARGV[1]) then
  return refusal
end
redis.call('HDEL', meta, 'state')
for place = 0, tonumber(ARGV[2]) - 1 do
  redis.call('HDEL', notes, place)
end
return 1
