-- Times are microseconds since 1970 UTC. Ids are never used again, hence AUTOINCREMENT.

CREATE TABLE source (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,              -- what people type after source:
    title TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT '',      -- ISO 639-1 of what it usually writes
    zone TEXT NOT NULL DEFAULT 'UTC'        -- IANA zone of its times that name none
) STRICT;

CREATE TABLE article (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES source (id),
    key TEXT NOT NULL,                      -- what makes two arrivals one article
    newest INTEGER NOT NULL UNIQUE,         -- seconds of `published` x 2^20 + a counter: its rowid in `terms`
    title TEXT NOT NULL,
    body TEXT NOT NULL,                     -- '' is headline only
    summary TEXT NOT NULL,
    link TEXT NOT NULL,
    topics TEXT NOT NULL,                   -- JSON list
    language TEXT NOT NULL,
    published INTEGER NOT NULL,
    date_only INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source_id, key)
) STRICT;

-- The index. Its terms are made by storage/text, split here on blanks alone; the text itself stays in `article`.
CREATE VIRTUAL TABLE terms USING fts5 (document, content = '', columnsize = 0, tokenize = 'ascii');
CREATE VIRTUAL TABLE term_count USING fts5vocab (terms, 'row');

CREATE TABLE unannounced (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order in which they are announced
    article_id INTEGER NOT NULL UNIQUE REFERENCES article (id)
) STRICT;

CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id),
    revision INTEGER NOT NULL,
    announced INTEGER NOT NULL,
    UNIQUE (article_id, revision)
) STRICT;

-- One row. The head is a stored number: a pruned log must not begin again.
CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    head INTEGER NOT NULL DEFAULT 0,          -- the last position given
    woken_through INTEGER NOT NULL DEFAULT 0, -- all who follow what lies here or before were woken
    waking_to INTEGER,                        -- a wake under way ends here ...
    waking_query INTEGER NOT NULL DEFAULT 0,  -- ... and has come to this query ...
    waking_mailbox INTEGER NOT NULL DEFAULT 0 -- ... and this mailbox
) STRICT;
INSERT INTO progress (id) VALUES (1);

CREATE TABLE query (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL UNIQUE               -- canonical
) STRICT;

-- Where a followed query is filed: an article can only match it when it has one of these terms.
CREATE TABLE anchor (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the announcer looks again at those beyond the last it has read
    term TEXT NOT NULL,
    query_id INTEGER NOT NULL REFERENCES query (id),
    UNIQUE (term, query_id)
) STRICT;
CREATE INDEX anchor_query ON anchor (query_id);

CREATE TABLE match (
    query_id INTEGER NOT NULL REFERENCES query (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (query_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_position ON match (position, query_id);

CREATE TABLE chat (
    bot INTEGER NOT NULL,
    id INTEGER NOT NULL,
    paused TEXT NOT NULL DEFAULT '',        -- why nothing can be delivered; '': it can
    PRIMARY KEY (bot, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bot INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    thread INTEGER NOT NULL,                -- 0: the chat itself
    cadence TEXT NOT NULL,
    due_at INTEGER,                         -- NULL: nothing owed
    opens_at INTEGER,                       -- not to be claimed before
    lease_until INTEGER,
    token TEXT,                             -- whose claim it is; NULL under a lease: held
    failures INTEGER NOT NULL DEFAULT 0,
    paused INTEGER NOT NULL DEFAULT 0,      -- its chat is, kept here for the wake
    moved_to INTEGER REFERENCES mailbox (id) -- merged into that one; kept for what is still in flight
) STRICT;
CREATE UNIQUE INDEX mailbox_place ON mailbox (bot, chat, thread, cadence) WHERE moved_to IS NULL;
CREATE INDEX mailbox_due ON mailbox (bot, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mailbox_leased ON mailbox (bot, lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE subscription (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    query_id INTEGER NOT NULL REFERENCES query (id),
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    cursor INTEGER NOT NULL,                -- delivered through this position
    created INTEGER NOT NULL,
    UNIQUE (query_id, mailbox_id)
) STRICT;
CREATE INDEX subscription_mailbox ON subscription (mailbox_id);

-- A claim that was taken back may have a message in flight: its mailbox waits for that.
CREATE TABLE hold (
    token TEXT PRIMARY KEY,                 -- of that claim
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    until INTEGER NOT NULL                  -- when its lease ends
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_mailbox ON hold (mailbox_id);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    bot INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    message INTEGER NOT NULL,               -- Telegram's id; 0: none
    positions TEXT NOT NULL,                -- JSON list
    last INTEGER NOT NULL,                  -- the highest of them
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_mailbox ON delivery (mailbox_id, last);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
