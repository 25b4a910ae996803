-- Version 9.

-- identity: names this database in cursors of the change log and to the schedule. A new file has another.
CREATE TABLE identity (
    id TEXT NOT NULL                            -- hexadecimal
) STRICT;

INSERT INTO identity VALUES (lower(hex(randomblob(8))));
