-- What was paid for of what the bot sends beyond Telegram's free messages.

CREATE TABLE paid (
    bot INTEGER NOT NULL,
    day TEXT NOT NULL,                      -- of UTC, as 2026-03-02
    messages INTEGER NOT NULL,
    PRIMARY KEY (bot, day)
) STRICT, WITHOUT ROWID;
