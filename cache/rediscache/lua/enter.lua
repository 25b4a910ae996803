-- Takes the turn at a domain, unless another visitor has it or the domain is closed.
-- KEYS: a domain's turn.  ARGV: the new turn's key, lease in milliseconds.
-- Returns now, 1 or 0 for given or not, until, open and state, with blanks between them; the same again when it is called again.
local turn = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('HMGET', turn, 'key', 'until', 'open', 'state')
local busy = math.max(tonumber(last[2] or 0), tonumber(last[3] or 0))
local given = last[1] == ARGV[1] or busy <= now
if given and last[1] ~= ARGV[1] then
  busy = now + tonumber(ARGV[2])
  redis.call('HSET', turn, 'key', ARGV[1], 'until', string.format('%.0f', busy))
end
return string.format('%.0f %d %.0f ', now, given and 1 or 0, busy) .. (last[3] or '') .. ' ' .. (last[4] or '')
