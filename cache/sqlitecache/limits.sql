-- Version 11.

-- since: the date that the limits of an article's rights count from. limit_at: when the next of them passes; NULL for none.
ALTER TABLE articles ADD COLUMN since INTEGER;
ALTER TABLE articles ADD COLUMN limit_at INTEGER;

CREATE INDEX articles_limit ON articles (limit_at, article) WHERE limit_at IS NOT NULL;
