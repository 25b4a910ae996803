-- Version 17.

-- Topics have numbers, so that the two b-trees of listings do not repeat their names in each row.
CREATE TABLE numbered (
    id       INTEGER PRIMARY KEY,
    topic    TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL DEFAULT '',          -- of an author: as last recorded
    articles INTEGER NOT NULL DEFAULT 0,        -- how many it lists now
    changed  INTEGER NOT NULL DEFAULT 0,        -- time of its last change in the log
    pages    INTEGER NOT NULL DEFAULT 0,        -- the newest number that was given to a page of its archive
    settings TEXT NOT NULL DEFAULT ''           -- as cache.Archives has them
) STRICT;

INSERT INTO numbered (topic, name, articles, changed, pages, settings)
    SELECT topic, name, articles, changed, pages, settings FROM topics ORDER BY topic;

DROP TRIGGER listings_left;
DROP TRIGGER articles_changed;
DROP INDEX listings_page;

CREATE TABLE places (
    topic   INTEGER NOT NULL,                   -- id in topics
    listed  INTEGER NOT NULL,                   -- as in articles
    article TEXT NOT NULL,                      -- ID
    page    INTEGER NOT NULL DEFAULT 0,         -- the page of the topic's archive that the article is in; 0 for none
    PRIMARY KEY (topic, listed, article)
) STRICT, WITHOUT ROWID;

INSERT INTO places SELECT t.id, l.listed, l.article, l.page FROM numbered t CROSS JOIN listings l ON l.topic = t.topic
    ORDER BY t.id, l.listed, l.article;

DROP TABLE listings;
DROP TABLE topics;
ALTER TABLE places RENAME TO listings;
ALTER TABLE numbered RENAME TO topics;

CREATE INDEX listings_page ON listings (topic, page, listed, article);

-- As in archives.sql.
CREATE TRIGGER listings_left AFTER DELETE ON listings WHEN old.page > 0
BEGIN
    UPDATE listings SET page = 0 WHERE topic = old.topic AND page = old.page;
END;

CREATE TRIGGER articles_changed AFTER UPDATE OF revision, digest, published, updated, first_seen ON articles
WHEN (old.revision, old.digest, old.published, old.updated, old.first_seen)
    IS NOT (new.revision, new.digest, new.published, new.updated, new.first_seen)
BEGIN
    UPDATE listings SET page = 0 WHERE (topic, page) IN (
        SELECT l.topic, l.page FROM json_each(old.topics) j
        CROSS JOIN topics t ON t.topic = j.value
        CROSS JOIN listings l ON l.topic = t.id AND l.listed = old.listed AND l.article = old.article
        WHERE l.page > 0
    );
END;
