-- Forgets the state of a source.
-- ARGV: token.  Error FENCED.
if fenced(ARGV[1]) then
  return refusal
end
redis.call('HDEL', meta, 'state')
return 1
