"""Questions in, answers out: one file for each command, one table that lists them all (`table.py`)."""
