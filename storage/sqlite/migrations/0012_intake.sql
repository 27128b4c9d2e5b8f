-- Where articles come from by themselves, and what else is known of them.

ALTER TABLE article ADD COLUMN authors TEXT NOT NULL DEFAULT '';      -- names, a line each
ALTER TABLE article ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;     -- goes past digests and quiet hours
ALTER TABLE chat ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;        -- it has agreed to that
ALTER TABLE log ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;         -- as the article was when it was announced
CREATE INDEX log_urgent ON log (position) WHERE urgent;
ALTER TABLE mailbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;     -- its digests were woken for something urgent
CREATE INDEX mailbox_urgent_due ON mailbox (bot, due_at) WHERE due_at IS NOT NULL AND urgent;
ALTER TABLE delivery ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;     -- it was no digest of its mailbox, but a push

-- Other keys that an article is known by: a feed may change its guids, or its links.
CREATE TABLE alias (
    source_id INTEGER NOT NULL REFERENCES source (id),
    key TEXT NOT NULL,
    article_id INTEGER NOT NULL REFERENCES article (id),
    PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    url TEXT NOT NULL UNIQUE,               -- what is fetched; may hold a name and a password
    topics TEXT NOT NULL DEFAULT '[]',      -- JSON list: labels on each of its articles
    full_text INTEGER NOT NULL DEFAULT 0,   -- its articles are completed from their pages
    added INTEGER NOT NULL,
    bot INTEGER NOT NULL DEFAULT 0,         -- where somebody asked for it; 0: the operator added it
    chat INTEGER NOT NULL DEFAULT 0,
    thread INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '',          -- what the server called the version last read (RFC 9110)
    modified TEXT NOT NULL DEFAULT '',      -- likewise
    interval INTEGER NOT NULL DEFAULT 0,    -- microseconds between two polls
    due_at INTEGER,                         -- NULL: paused or ended
    lease_until INTEGER,
    token TEXT,                             -- whose claim it is
    answered INTEGER,                       -- when it last gave a good answer; NULL: never
    renewed INTEGER,                        -- when it last brought something new; NULL: never
    failures INTEGER NOT NULL DEFAULT 0,    -- since the last good answer
    failing_since INTEGER,
    error TEXT NOT NULL DEFAULT '',         -- what was wrong last
    told INTEGER NOT NULL DEFAULT 0,        -- who added it knows that it fails
    paused INTEGER NOT NULL DEFAULT 0,      -- by the operator
    ended TEXT NOT NULL DEFAULT '',         -- why there will be nothing more; '': there will
    removed INTEGER NOT NULL DEFAULT 0,     -- kept for its source's name, should it be added again
    hub TEXT NOT NULL DEFAULT '',           -- where it can be subscribed to (WebSub); '': nowhere
    hub_topic TEXT NOT NULL DEFAULT '',     -- under which name
    hub_secret TEXT NOT NULL DEFAULT '',    -- what its hub signs with; '': not asked to send
    hub_until INTEGER                       -- how long the hub sends; NULL: it has not confirmed
) STRICT;
CREATE INDEX feed_due ON feed (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX feed_leased ON feed (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX feed_added ON feed (bot, chat) WHERE chat != 0;
CREATE INDEX feed_polled ON feed (failing_since) WHERE NOT removed AND NOT paused AND ended = '';

-- Every address by which a feed was found: its own, those it moved from, pages that name it.
CREATE TABLE feed_address (
    url TEXT PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES feed (source_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_address_feed ON feed_address (source_id);

-- Folders that are watched, and what was read in them.
CREATE TABLE folder (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    path TEXT NOT NULL UNIQUE,
    topics TEXT NOT NULL DEFAULT '[]',
    added INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE folder_file (
    source_id INTEGER NOT NULL REFERENCES folder (source_id) ON DELETE CASCADE,
    path TEXT NOT NULL,                     -- below the folder
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,              -- nanoseconds, as the file system says
    PRIMARY KEY (source_id, path)
) STRICT, WITHOUT ROWID;

-- What is to be published later.
CREATE TABLE embargo (
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    until INTEGER NOT NULL,
    article TEXT NOT NULL,                  -- JSON
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX embargo_until ON embargo (until);
