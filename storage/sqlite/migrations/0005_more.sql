-- What a message counted without showing it can be opened; articles can be withdrawn; a subscription's cadence can change.

ALTER TABLE delivery ADD COLUMN key INTEGER NOT NULL DEFAULT 0;       -- under it the rest is opened; 0: nothing was counted
ALTER TABLE delivery ADD COLUMN rest TEXT NOT NULL DEFAULT '';        -- JSON: what was counted (see more.py)
CREATE INDEX delivery_key ON delivery (key) WHERE key != 0;

-- Few articles are ever touched again: what is counted is looked at only where it was.
CREATE INDEX article_touched ON article (id, revision, withdrawn) WHERE revision > 1 OR withdrawn;
ALTER TABLE article ADD COLUMN renewed INTEGER NOT NULL DEFAULT 1;    -- the revision in which it last came back

-- A subscription whose cadence changed: what the mailbox that had it was given of the positions up to `through` counts
-- as given to it.
CREATE TABLE former (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    through INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, mailbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_mailbox ON former (mailbox_id);

-- Two mailboxes may wait for one claim: the one that made it, and the one that a subscription went to.
CREATE TABLE hold_of_several (
    token TEXT NOT NULL,                    -- of that claim
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    until INTEGER NOT NULL,                 -- when its lease ends
    PRIMARY KEY (token, mailbox_id)
) STRICT, WITHOUT ROWID;
INSERT INTO hold_of_several (token, mailbox_id, until) SELECT token, mailbox_id, until FROM hold;
DROP TABLE hold;
ALTER TABLE hold_of_several RENAME TO hold;
CREATE INDEX hold_mailbox ON hold (mailbox_id);
