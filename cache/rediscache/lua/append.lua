-- Appends change records and enters their topics in the directory. A record that is the last of its article already is
-- not repeated, and after a withdrawal there is none. Nothing is written if a later lease of the source was here.
-- KEYS: log, marks, changed, names, topics:KIND of all, category, author, source, held and former, id, and
-- topics:KIND of unlisted.
-- Returns 0 if nothing was done, 2 if there was no record of the source before, and otherwise 1.
-- ARGV: token or empty for a withdrawal, source, then records as JSON, as type record in pending.go.
local log, marks, changed, names = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local done = 1
if ARGV[1] ~= '' then
  local field = '@' .. ARGV[2]
  local before = redis.call('HGET', marks, field)
  if tonumber(ARGV[1]) < tonumber(before or 0) then
    return 0
  end
  done = before and 1 or 2
  redis.call('HSET', marks, field, ARGV[1])
end
local directory = {all = KEYS[5], category = KEYS[6], author = KEYS[7], source = KEYS[8], held = KEYS[9], former = KEYS[10], unlisted = KEYS[12]}

local time = redis.call('TIME')
redis.call('SET', KEYS[11], time[1] .. '-' .. time[2], 'NX')

local function add(r, op, mark)
  local id = redis.call('XADD', log, '*', 'op', op, 'article', r.article, 'revision', r.revision, 'topics', r.topics, 'mark', mark)
  local at = id:match('^%d+')
  for _, topic in ipairs(r.touched) do
    redis.call('HSET', changed, topic, at)
  end
  redis.call('HSET', marks, r.article, mark)
end

for i = 3, #ARGV do
  local r = cjson.decode(ARGV[i])
  local last = redis.call('HGET', marks, r.article)
  if not last or last:sub(1, 1) ~= 'w' then
    for _, topic in ipairs(r.listed) do
      redis.call('ZADD', directory[topic:match('^[^/]*')], 0, topic)
      if r.names[topic] then
        redis.call(r.restored and 'HSETNX' or 'HSET', names, topic, r.names[topic])
      elseif r.loud[topic] then
        redis.call('HSETNX', names, topic, r.loud[topic])
      end
      redis.call('HSETNX', changed, topic, string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
    end
    local late = r.passed and last and tonumber(last) > tonumber(r.mark)
    if r.log and last ~= r.mark and not late then
      if r.put ~= '' and last ~= r.put then
        add(r, 'put', r.put)
      end
      add(r, r.op, r.mark)
    end
  end
end
return done
