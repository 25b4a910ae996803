-- Version 4.

-- withdrawals: the tombstones of each topic, by when they were put up.
CREATE TABLE withdrawals (
    topic   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    article TEXT NOT NULL,                      -- ID
    PRIMARY KEY (topic, at, article)
) STRICT, WITHOUT ROWID;

INSERT INTO withdrawals SELECT value, at, article FROM tombstones, json_each(topics);
