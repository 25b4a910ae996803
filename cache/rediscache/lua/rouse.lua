-- Goes on with what is to be woken.
-- Returns 1 if there is more to wake.
wake_some()
return redis.call('HLEN', waking) > 0 and 1 or 0
