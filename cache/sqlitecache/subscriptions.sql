-- Version 12. Times are Unix milliseconds, UTC; NULL is the zero time.

-- subscriptions: who is told of changes, how far each was told, and when it is due to be told more.
CREATE TABLE subscriptions (
    channel  TEXT NOT NULL,
    id       TEXT NOT NULL,
    topics   TEXT NOT NULL,                     -- a JSON array of text; as in subscription_topics
    grp      TEXT NOT NULL,                     -- what is counted together
    until    INTEGER,                           -- when it ends; NULL: never
    terms    BLOB,                              -- the channel's own
    since    INTEGER NOT NULL,
    told     TEXT NOT NULL,                     -- how far it was told, in the channel's own terms
    told_at  INTEGER,                           -- when the last delivery succeeded
    failures INTEGER NOT NULL,                  -- in a row since then
    failing  INTEGER,                           -- when the first of these was; NULL where there are none
    why      TEXT NOT NULL,                     -- what is wrong, for the operator
    slow     INTEGER NOT NULL,                  -- 1: the last delivery took long
    due      INTEGER,                           -- when it is told next, or its claim ends; NULL: there is nothing to tell
    claim    INTEGER,                           -- fencing token of the claim under way; NULL for none
    since_claim INTEGER NOT NULL DEFAULT 0,     -- 1: it was woken since the claim; 2: it was rewound
    doubtful INTEGER NOT NULL GENERATED ALWAYS AS (failing IS NOT NULL OR slow) STORED,
    PRIMARY KEY (channel, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscriptions_due ON subscriptions (channel, doubtful, due, id, grp) WHERE due IS NOT NULL;
CREATE INDEX subscriptions_failing ON subscriptions (channel, failing) WHERE failing IS NOT NULL;
CREATE INDEX subscriptions_until ON subscriptions (channel, until) WHERE until IS NOT NULL;
CREATE INDEX subscriptions_grp ON subscriptions (channel, grp);

-- subscription_topics: which subscriptions a change of a topic makes due.
CREATE TABLE subscription_topics (
    channel TEXT NOT NULL,
    topic   TEXT NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (channel, topic, id)
) STRICT, WITHOUT ROWID;

-- subscription_counts: how many rows each topic has in subscription_topics.
CREATE TABLE subscription_counts (
    channel TEXT NOT NULL,
    topic   TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (channel, topic)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER subscription_wanted AFTER INSERT ON subscription_topics BEGIN
    INSERT INTO subscription_counts (channel, topic, n) VALUES (new.channel, new.topic, 1)
        ON CONFLICT (channel, topic) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER subscription_unwanted AFTER DELETE ON subscription_topics BEGIN
    UPDATE subscription_counts SET n = n - 1 WHERE channel = old.channel AND topic = old.topic;
    DELETE FROM subscription_counts WHERE channel = old.channel AND topic = old.topic AND n = 0;
END;

-- subscription_channels: how far each channel's subscriptions were woken.
CREATE TABLE subscription_channels (
    channel TEXT PRIMARY KEY,
    woken   TEXT NOT NULL DEFAULT '',           -- a cursor into the change log
    token   INTEGER NOT NULL DEFAULT 0          -- of the last claim
) STRICT, WITHOUT ROWID;
