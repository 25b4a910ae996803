-- Takes members out of a listing whose articles are not there, and retires the pages of those whose articles are there in
-- another version, if the listing has not changed since they were looked for.
-- ARGV: version of the listing, then each member after a sign: - not there, ~ another version.
if (redis.call('HGET', guard, 'version') or '') ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV do
  local member = ARGV[i]:sub(2)
  if ARGV[i]:sub(1, 1) == '-' then
    unlist(member)
  else
    retire(member)
  end
end
return 1
