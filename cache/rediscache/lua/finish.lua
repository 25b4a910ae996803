-- Marks articles as logged by taking away their pending entries, unless those have changed since, and notes the topics that list
-- them; then writes the state.
-- A visit that was let in is kept whole: its state is written unless a later visit's is there already.
-- KEYS: a source's meta, pending.
-- ARGV: token and state, both empty for none; then of each entry: ID, seq.
local meta, pending = KEYS[1], KEYS[2]
for i = 3, #ARGV, 2 do
  local work = redis.call('HGET', pending, ARGV[i])
  local entry = work and cjson.decode(work)
  if entry and string.format('%.0f', entry.seq) == ARGV[i + 1] then
    redis.call('HDEL', pending, ARGV[i])
    for topic, listed in pairs(entry.topics) do
      if listed then
        redis.call('HSET', meta, '+' .. topic, 1)
      end
    end
  end
end
if ARGV[1] ~= '' and tonumber(ARGV[1]) >= tonumber(redis.call('HGET', meta, 'state_token') or 0) then
  redis.call('HSET', meta, 'state', ARGV[2], 'state_token', ARGV[1])
end
return 1
