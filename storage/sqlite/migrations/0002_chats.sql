-- What is known of a chat, and of a place in it that alone cannot be delivered to.

ALTER TABLE chat ADD COLUMN kind TEXT NOT NULL DEFAULT '';            -- private, group or channel; '': not known
ALTER TABLE chat ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE chat ADD COLUMN username TEXT NOT NULL DEFAULT '';        -- without @; '': it has none
ALTER TABLE chat ADD COLUMN set_up_by INTEGER NOT NULL DEFAULT 0;     -- the person who let the bot in; 0: not known
ALTER TABLE chat ADD COLUMN told INTEGER NOT NULL DEFAULT 0;          -- they know that nothing can be delivered
ALTER TABLE chat ADD COLUMN retry_at INTEGER;                         -- while paused: when it is tried all the same
CREATE INDEX chat_retry ON chat (bot, retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX chat_set_up_by ON chat (bot, set_up_by) WHERE set_up_by != 0;

ALTER TABLE mailbox ADD COLUMN shut TEXT NOT NULL DEFAULT '';         -- why this place alone is paused
ALTER TABLE mailbox ADD COLUMN told INTEGER NOT NULL DEFAULT 0;       -- whoever set the chat up knows of this place
