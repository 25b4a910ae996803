-- Removes subscriptions.
-- ARGV: their IDs.
for _, id in ipairs(ARGV) do
  remove(id)
end
return 1
