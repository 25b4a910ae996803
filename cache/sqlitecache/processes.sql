-- Version 10.

-- processes: those that are at work on the file.
CREATE TABLE processes (
    id    TEXT PRIMARY KEY,
    until INTEGER NOT NULL,                     -- when it is at work no more, unless it says so again; Unix milliseconds
    body  TEXT NOT NULL                         -- cache.Process as JSON
) STRICT, WITHOUT ROWID;
