-- Version 3.

-- offer: digest of what the publisher last offered of the article, so that an offer that is the same need not be read any
-- further. Empty where it is not known.
ALTER TABLE articles ADD COLUMN offer TEXT NOT NULL DEFAULT '';
