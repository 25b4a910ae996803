-- Gives articles another phase, each if it is still what it was when that was decided.
-- ARGV: the number of their dictionary or empty for none, its frame, then of each article: ID, SHA-1 of the article as it was read,
--       article, known, pending, when its next limit passes or empty for none.
-- Returns the token of the last lease, when the next limit of the source passes or empty for none, and all entries that are
-- pending since a limit passed: {token, next, {ID, entry, ID, entry, …}}.
keep_dictionary(ARGV[1], ARGV[2])
for i = 3, #ARGV, 6 do
  local id, sum, article, fresh, draft, passes = unpack(ARGV, i, i + 5)
  local text = redis.call('HGET', articles, id)
  if text and redis.sha1hex(text) == sum then
    note(id, fresh, draft)
    redis.call('HSET', articles, id, article)
    limit(id, passes)
  elseif not text then
    limit(id, '')
  end
end
local unfinished = {}
local all = redis.call('HGETALL', pending)
for i = 1, #all, 2 do
  if cjson.decode(all[i + 1]).passed then
    unfinished[#unfinished + 1] = all[i]
    unfinished[#unfinished + 1] = all[i + 1]
  end
end
local first = redis.call('ZRANGE', limits, 0, 0, 'WITHSCORES')
return {redis.call('HGET', meta, 'token') or '', first[2] or '', unfinished}
