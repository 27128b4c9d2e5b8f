-- What a chat has chosen: when it is delivered to, and how.

ALTER TABLE chat ADD COLUMN zone TEXT NOT NULL DEFAULT '';                   -- IANA zone; '': the operator's
ALTER TABLE chat ADD COLUMN quiet_from INTEGER;                              -- minutes since local midnight; NULL: no quiet hours
ALTER TABLE chat ADD COLUMN quiet_to INTEGER;
ALTER TABLE chat ADD COLUMN quiet_silent INTEGER NOT NULL DEFAULT 0;         -- in them it is delivered to, without a sound
ALTER TABLE chat ADD COLUMN digest_minute INTEGER NOT NULL DEFAULT 480;      -- of daily and weekly digests, since local midnight
ALTER TABLE chat ADD COLUMN digest_weekday INTEGER NOT NULL DEFAULT 0;       -- of weekly ones; 0: Monday
ALTER TABLE chat ADD COLUMN muted_until INTEGER;
ALTER TABLE chat ADD COLUMN pictures TEXT NOT NULL DEFAULT 'preview';        -- or photo, none

ALTER TABLE mailbox ADD COLUMN slot_at INTEGER;     -- not before, said the schedule; NULL: it is to be asked
ALTER TABLE mailbox ADD COLUMN rescheduled INTEGER NOT NULL DEFAULT 0;       -- since it was claimed: the claim's slot is void
ALTER TABLE mailbox ADD COLUMN served_at INTEGER;   -- when something was last delivered; NULL: never

-- Pushes must not wait behind a morning's digests.
DROP INDEX mailbox_due;
CREATE INDEX mailbox_due ON mailbox (bot, due_at) WHERE due_at IS NOT NULL AND cadence = 'instant';
CREATE INDEX mailbox_digest_due ON mailbox (bot, due_at) WHERE due_at IS NOT NULL AND cadence != 'instant';
