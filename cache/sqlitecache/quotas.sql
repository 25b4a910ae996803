-- Version 8.

-- quotas: when each has all of its units again, in Unix microseconds.
CREATE TABLE quotas (
    name    TEXT PRIMARY KEY,
    "full"  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- usage: what each partner used on a day.
CREATE TABLE usage (
    partner  TEXT NOT NULL,
    day      INTEGER NOT NULL,                  -- since 1970-01-01, UTC
    requests INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    items    INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    PRIMARY KEY (partner, day)
) STRICT, WITHOUT ROWID;
