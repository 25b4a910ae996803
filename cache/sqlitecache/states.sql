-- Version 16.

-- states: what is remembered of each source that was visited. It lies apart from when the source is due, which is written more
-- often and is short: so a transaction that writes for many sources writes few pages.
CREATE TABLE states (
    source TEXT PRIMARY KEY,                    -- ID
    state  TEXT NOT NULL                        -- newswire.State as JSON
) STRICT, WITHOUT ROWID;

INSERT INTO states SELECT source, state FROM sources WHERE state IS NOT NULL;

ALTER TABLE sources DROP COLUMN state;
