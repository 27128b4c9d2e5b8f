-- What was sent is found again by the articles that it carried, and edited when they change; what is old is cleared away.

ALTER TABLE delivery ADD COLUMN photo INTEGER NOT NULL DEFAULT 0;     -- the text is a picture's caption
ALTER TABLE delivery ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;  -- how many tries it took
ALTER TABLE delivery ADD COLUMN fate TEXT NOT NULL DEFAULT '';        -- what became of the message later; '': nothing
ALTER TABLE delivery ADD COLUMN changed INTEGER;                      -- when that was

-- Which deliveries carried what lies at a position, in the order in which they were recorded.
CREATE TABLE carried (
    position INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,           -- no foreign key: to look for it here would be a search
    PRIMARY KEY (position, delivery_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO carried (position, delivery_id)
SELECT json_each.value, delivery.id FROM delivery, json_each(delivery.positions) ORDER BY 1, 2;

-- Articles that messages show otherwise than they are now, whose messages are still to be looked for.
CREATE TABLE touched (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order in which they are looked for
    article_id INTEGER NOT NULL UNIQUE REFERENCES article (id),
    position INTEGER NOT NULL DEFAULT 0,    -- those found so far: of this position ...
    delivery_id INTEGER NOT NULL DEFAULT 0  -- ... up to this delivery
) STRICT;
-- How often any was: a claim that was made at this number has read what is not touched since.
ALTER TABLE progress ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;

-- Messages to be edited.
CREATE TABLE edit (
    delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id),
    bot INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    token TEXT,                             -- whose claim it is
    again INTEGER NOT NULL DEFAULT 0,       -- touched once more since it was claimed
    failures INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX edit_due ON edit (bot, due_at, delivery_id);
CREATE INDEX edit_chat ON edit (bot, chat, due_at, delivery_id);

-- Needs that nobody has any more are cleared away: what refers to one must be quickly found, or nothing may.
CREATE INDEX query_second ON query (second) WHERE second IS NOT NULL;
CREATE TABLE anchor_of_need (
    term TEXT NOT NULL,
    need_id INTEGER NOT NULL,
    PRIMARY KEY (term, need_id)
) STRICT, WITHOUT ROWID;
INSERT INTO anchor_of_need (term, need_id) SELECT term, need_id FROM anchor ORDER BY 1, 2;
DROP TABLE anchor;
ALTER TABLE anchor_of_need RENAME TO anchor;
