-- Counts subscriptions that have not ended.
-- ARGV: group, topic, each empty for all; 1 for those alone that fail, or empty; where to go on, at first empty.
-- Returns {how many, where to go on or empty}: what is asked for is their sum. One answer is for at most 500, where it is
-- not at hand.
local group, topic, fails, after = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- Those of a list that are what is asked for.
local function matching(list)
  local function prefixed(prefix)
    local out = {}
    for i, id in ipairs(list) do
      out[i] = prefix .. ' ' .. id
    end
    return out
  end
  local n = 0
  if #list > 0 then
    local of_group = group == '' or scores(groups, prefixed(group))
    local of_topic = topic == '' or scores(topics, prefixed(topic))
    local of_failing = fails == '' or scores(failing, list)
    for i in ipairs(list) do
      if (group == '' or of_group[i]) and (topic == '' or of_topic[i]) and (fails == '' or of_failing[i]) then
        n = n + 1
      end
    end
  end
  return n
end

local function with(prefix, key)
  return redis.call('ZLEXCOUNT', key, '(' .. prefix .. ' ', '(' .. prefix .. '!')
end

local asked = (group ~= '' and 1 or 0) + (topic ~= '' and 1 or 0) + (fails ~= '' and 1 or 0)
if asked > 1 then
  local key, prefix = groups, group
  if group == '' then
    key, prefix = topics, topic
  end
  local list = redis.call('ZRANGEBYLEX', key, '(' .. prefix .. ' ' .. after, '(' .. prefix .. '!', 'LIMIT', 0, 500)
  local live = {}
  for i, member in ipairs(list) do
    list[i] = member:sub(#prefix + 2)
    if not ended(list[i]) then
      live[#live + 1] = list[i]
    end
  end
  return {matching(live), #list == 500 and list[500] or ''}
end

local n
if group ~= '' then
  n = with(group, groups)
elseif topic ~= '' then
  n = with(topic, topics)
elseif fails ~= '' then
  n = redis.call('ZCARD', failing)
else
  n = redis.call('ZCARD', ids)
end
local gone = redis.call('ZRANGEBYSCORE', ends, '-inf', int(now))
for i = 1, #gone, 500 do
  n = n - matching({unpack(gone, i, math.min(i + 499, #gone))})
end
return {n, ''}
