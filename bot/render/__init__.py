"""Values -> messages, within Telegram's limits. Pure: no I/O, no clock, no Telegram library."""
