-- Version 2. Times are Unix milliseconds, UTC; NULL is the zero time.

-- domains: whose turn it is at each registrable domain, and what is remembered of it.
CREATE TABLE domains (
    domain TEXT PRIMARY KEY,
    turn   TEXT NOT NULL,                       -- names the last turn
    until  INTEGER,                             -- when that ends by itself; NULL once it was left
    open   INTEGER,                             -- no turn before
    state  TEXT                                 -- newswire.Domain as JSON; NULL until a turn was left
) STRICT, WITHOUT ROWID;
