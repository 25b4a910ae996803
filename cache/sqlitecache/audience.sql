-- Version 7.

-- audience: how many read each topic on a day.
CREATE TABLE audience (
    day     INTEGER NOT NULL,                   -- since 1970-01-01, UTC
    topic   TEXT NOT NULL,
    readers INTEGER NOT NULL,
    PRIMARY KEY (day, topic)
) STRICT, WITHOUT ROWID;
