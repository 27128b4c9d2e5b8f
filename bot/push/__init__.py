"""Headlines out: the announcer gives articles their place in the log, the sender delivers what each mailbox is owed."""
