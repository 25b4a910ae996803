-- Version 13.

-- notes: what operators are told of the last visits to a source.
CREATE TABLE notes (
    source TEXT NOT NULL,                       -- ID
    place  INTEGER NOT NULL,                    -- the note's number, modulo newswire.NotesKept
    note   TEXT NOT NULL,                       -- newswire.Note as JSON
    PRIMARY KEY (source, place)
) STRICT, WITHOUT ROWID;
