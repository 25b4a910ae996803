-- The index of one process. It holds nothing that cannot be made again from the store.

-- articles: those that can be found.
CREATE TABLE articles (
    place   INTEGER PRIMARY KEY,          -- Unix seconds of its place in listings, or soon after if that was taken
    article TEXT NOT NULL UNIQUE,         -- ID
    listed  INTEGER NOT NULL,             -- its place in listings, Unix milliseconds
    digest  BLOB NOT NULL,                -- of the words
    round   INTEGER NOT NULL              -- in which it was last met
) STRICT;

-- words: which articles have which words. Where in an article they are is not kept, and neither are the texts.
CREATE VIRTUAL TABLE words USING fts5 (all_words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = none);

-- state: how far the change log was followed, and the round of the last making.
CREATE TABLE state (
    cursor TEXT NOT NULL,                 -- empty: the index is to be made again
    round  INTEGER NOT NULL
) STRICT;

INSERT INTO state VALUES ('', 0);
