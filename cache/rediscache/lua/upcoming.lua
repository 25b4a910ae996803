-- Says what comes next.
return upcoming()
