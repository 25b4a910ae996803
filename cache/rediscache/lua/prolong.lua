-- Moves the end of claims.
-- ARGV: lease in milliseconds; then of each claim: ID, token.
for i = 2, #ARGV, 2 do
  if (redis.call('HGET', claims, ARGV[i]) or ''):match('^%d*') == ARGV[i + 1] then
    redis.call('ZADD', redis.call('ZSCORE', due, ARGV[i]) and due or retry, int(now + tonumber(ARGV[1])), ARGV[i])
  end
end
return 1
