-- Which mailboxes were merged into one: what they were given counts as given to it.

CREATE INDEX mailbox_moved ON mailbox (moved_to) WHERE moved_to IS NOT NULL;
