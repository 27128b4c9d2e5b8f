-- An article's picture, first reads, how long a chat has been paused, and what is counted for the operator.

ALTER TABLE article ADD COLUMN image TEXT NOT NULL DEFAULT '';        -- its picture's address; '': none

ALTER TABLE source ADD COLUMN first_read INTEGER NOT NULL DEFAULT 0;  -- its first articles are being taken in

-- Since when nothing was taken there, tries between included; NULL: it is delivered to. How long a chat had been paused
-- before there was this is not known: it counts from now.
ALTER TABLE chat ADD COLUMN paused_at INTEGER;
UPDATE chat SET paused_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000 WHERE paused != '';

CREATE INDEX chat_kind ON chat (bot, kind);
CREATE INDEX chat_paused ON chat (bot, paused) WHERE paused != '';
-- What was sent needs none: an index would cost each message more than looking costs whoever asks.
CREATE INDEX delivery_refused ON delivery (bot, at) WHERE outcome = 'refused';
