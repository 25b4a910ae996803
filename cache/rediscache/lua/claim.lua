-- Claims due sources, the longest due first, and moves each forward by the lease.
-- KEYS: index, tokens, the claim's nonce.
-- ARGV: n, lease in milliseconds, the sources to choose from or none for all.
-- Returns {now, {source, token, due, source, token, due, …}}; the same again when it is called again.
local index, tokens, nonce = KEYS[1], KEYS[2], KEYS[3]
local earlier = redis.call('GET', nonce)
if earlier then
  return cjson.decode(earlier)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local n = tonumber(ARGV[1])

local due = {}
if #ARGV == 2 then
  local found = redis.call('ZRANGEBYSCORE', index, '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, n)
  for i = 1, #found, 2 do
    due[#due + 1] = {found[i], tonumber(found[i + 1])}
  end
else
  local seen = {}
  for i = 3, #ARGV do
    local score = tonumber(redis.call('ZSCORE', index, ARGV[i]) or 'inf')
    if score <= now and not seen[ARGV[i]] then
      seen[ARGV[i]] = true
      due[#due + 1] = {ARGV[i], score}
    end
  end
  table.sort(due, function(a, b)
    if a[2] ~= b[2] then
      return a[2] < b[2]
    end
    return a[1] < b[1]
  end)
end

-- Tokens follow the clock, so that tokens lost in a failover are not handed out again.
local token = math.max(now, tonumber(redis.call('HGET', tokens, '@last') or 0))
local leases = {}
for i = 1, math.min(n, #due) do
  local source, at = due[i][1], due[i][2]
  token = token + 1
  redis.call('ZADD', index, string.format('%.0f', now + tonumber(ARGV[2])), source)
  redis.call('HSET', tokens, source, string.format('%.0f', token))
  leases[#leases + 1] = source
  leases[#leases + 1] = string.format('%.0f', token)
  leases[#leases + 1] = string.format('%.0f', at)
end
local reply = {string.format('%.0f', now), leases}
if #leases > 0 then
  redis.call('HSET', tokens, '@last', string.format('%.0f', token))
  redis.call('HSETNX', tokens, '@index', time[1] .. '-' .. time[2])
  redis.call('SET', nonce, cjson.encode(reply), 'PX', 60000)
end
return reply
