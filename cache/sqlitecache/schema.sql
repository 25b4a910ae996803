-- The schema's first version; migrations in open.go lists what was added since. Times are Unix milliseconds, UTC; NULL is the zero time. Topics are JSON arrays of text.

-- sources: what is remembered of each source, and when it is due.
CREATE TABLE sources (
    source TEXT PRIMARY KEY,                    -- ID
    due    INTEGER,                             -- when it comes due, or when its lease ends; NULL: not in the due index
    token  INTEGER NOT NULL DEFAULT 0,          -- fencing token of the last lease
    state  TEXT                                 -- newswire.State as JSON; NULL until a visit was recorded
) STRICT, WITHOUT ROWID;

CREATE INDEX sources_due ON sources (due, source) WHERE due IS NOT NULL;

-- articles: what is known of each article besides its text. A row is always in the change log at its revision: both are
-- written in one transaction.
CREATE TABLE articles (
    article    TEXT PRIMARY KEY,                -- ID
    source     TEXT NOT NULL,                   -- ID of the source that offered it
    revision   INTEGER NOT NULL,
    digest     TEXT NOT NULL,                   -- of the content, as newswire.Article.Digest gave it
    published  INTEGER,                         -- as the publisher said
    updated    INTEGER,                         -- as the publisher said
    first_seen INTEGER,                         -- by us
    listed     INTEGER NOT NULL,                -- its place in listings
    left_at    INTEGER,                         -- when its publisher stopped offering it; NULL while it is offered
    topics     TEXT NOT NULL                    -- where it is listed
) STRICT, WITHOUT ROWID;

CREATE INDEX articles_source ON articles (source, left_at, listed);

-- texts: the articles themselves, apart, so that what is only a mark or a lookup does not move the text.
CREATE TABLE texts (
    article TEXT PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    body    TEXT NOT NULL                       -- newswire.Article as JSON
) STRICT;

-- listings: the articles of each topic; read backwards it is newest first.
CREATE TABLE listings (
    topic   TEXT NOT NULL,
    listed  INTEGER NOT NULL,                   -- as in articles
    article TEXT NOT NULL,                      -- ID
    PRIMARY KEY (topic, listed, article)
) STRICT, WITHOUT ROWID;

-- topics: every topic that ever listed an article.
CREATE TABLE topics (
    topic    TEXT PRIMARY KEY,
    name     TEXT NOT NULL DEFAULT '',          -- of an author: as last recorded
    articles INTEGER NOT NULL DEFAULT 0,        -- how many it lists now
    changed  INTEGER NOT NULL                   -- time of its last change in the log
) STRICT, WITHOUT ROWID;

-- changes: the change log. AUTOINCREMENT, so that a trimmed log goes on where it was.
CREATE TABLE changes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- the cursor
    at       INTEGER NOT NULL,                  -- never before that of its predecessor
    op       TEXT NOT NULL CHECK (op IN ('put', 'remove')),
    article  TEXT NOT NULL,                     -- ID
    revision INTEGER NOT NULL,
    topics   TEXT NOT NULL                      -- every listing touched
) STRICT;

-- tombstones: articles that were withdrawn, for good.
CREATE TABLE tombstones (
    article TEXT PRIMARY KEY,                   -- ID
    atom_id TEXT NOT NULL,
    source  TEXT NOT NULL,                      -- ID
    reason  TEXT NOT NULL,                      -- plain text, for people
    at      INTEGER NOT NULL,
    topics  TEXT NOT NULL                       -- where it was listed
) STRICT, WITHOUT ROWID;
