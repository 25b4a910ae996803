-- Version 15.

-- dictionaries: what texts are compressed with, one for each source. A row never changes: the texts that were compressed with it
-- need it as it is.
CREATE TABLE dictionaries (
    id     INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,                -- ID
    frame  BLOB NOT NULL                        -- what its publisher says of itself; see package texts
) STRICT;

-- packed: the article as JSON, compressed. NULL in rows of an earlier version, which have it in body; body is empty elsewhere.
ALTER TABLE texts ADD COLUMN packed BLOB;
ALTER TABLE texts ADD COLUMN dictionary INTEGER;
ALTER TABLE revisions ADD COLUMN packed BLOB;
ALTER TABLE revisions ADD COLUMN dictionary INTEGER;
