-- Version 6.

-- revisions: what articles were before they were corrected; gone with the article.
CREATE TABLE revisions (
    article  TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    body     TEXT NOT NULL,                     -- newswire.Article as JSON, as it stood in texts
    PRIMARY KEY (article, revision)
) STRICT;
