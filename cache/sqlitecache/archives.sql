-- Version 5.

-- page: the page of the topic's archive that the article is in; 0 for none. A page stands as long as a row names it.
ALTER TABLE listings ADD COLUMN page INTEGER NOT NULL DEFAULT 0;

CREATE INDEX listings_page ON listings (topic, page, listed, article);

-- pages: the newest number that was given to a page of the topic's archive; settings: as cache.Archives has them.
ALTER TABLE topics ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE topics ADD COLUMN settings TEXT NOT NULL DEFAULT '';

-- A page goes with the first of its articles that leaves the topic.
CREATE TRIGGER listings_left AFTER DELETE ON listings WHEN old.page > 0
BEGIN
    UPDATE listings SET page = 0 WHERE topic = old.topic AND page = old.page;
END;

-- And with the first that gets another version: these columns are what cache.Known.Version is made of, but for listed,
-- which moves the article.
CREATE TRIGGER articles_changed AFTER UPDATE OF revision, digest, published, updated, first_seen ON articles
WHEN (old.revision, old.digest, old.published, old.updated, old.first_seen)
    IS NOT (new.revision, new.digest, new.published, new.updated, new.first_seen)
BEGIN
    UPDATE listings SET page = 0 WHERE (topic, page) IN (
        SELECT l.topic, l.page FROM json_each(old.topics) t
        CROSS JOIN listings l ON l.topic = t.value AND l.listed = old.listed AND l.article = old.article
        WHERE l.page > 0
    );
END;
