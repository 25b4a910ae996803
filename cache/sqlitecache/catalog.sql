-- Version 14.

-- catalog: with which one the due times are in line; empty before there was one.
ALTER TABLE identity ADD COLUMN catalog TEXT NOT NULL DEFAULT '';
