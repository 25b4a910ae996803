-- Version 18.

-- Most articles are listed behind all that is in a page of a topic's archive. The index of pages leaves these out.

-- closed_listed, closed_article: the last place that was ever put in a page of the topic's archive; NULL where none was.
ALTER TABLE topics ADD COLUMN closed_listed INTEGER;
ALTER TABLE topics ADD COLUMN closed_article TEXT;

DROP TRIGGER listings_left;
DROP TRIGGER articles_changed;
DROP INDEX listings_page;

UPDATE topics SET (closed_listed, closed_article) = (
    SELECT listed, article FROM listings WHERE topic = id AND page > 0 ORDER BY listed DESC, article DESC LIMIT 1
);

CREATE TABLE places (
    topic   INTEGER NOT NULL,                   -- id in topics
    listed  INTEGER NOT NULL,                   -- as in articles
    article TEXT NOT NULL,                      -- ID
    page    INTEGER,                            -- the page of the topic's archive that the article is in; 0 for none; NULL for
                                                -- none, and behind the last place that was ever put in one
    PRIMARY KEY (topic, listed, article)
) STRICT, WITHOUT ROWID;

INSERT INTO places
    SELECT l.topic, l.listed, l.article,
        CASE WHEN l.page > 0 OR (l.listed, l.article) <= (t.closed_listed, t.closed_article) THEN l.page END
    FROM topics t CROSS JOIN listings l ON l.topic = t.id ORDER BY t.id, l.listed, l.article;

DROP TABLE listings;
ALTER TABLE places RENAME TO listings;

CREATE INDEX listings_page ON listings (topic, page, listed, article) WHERE page IS NOT NULL;

-- As in topics.sql.
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
