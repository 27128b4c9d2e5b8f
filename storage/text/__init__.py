"""What a text says, as values: its words and terms, its language, its summary. Pure: no I/O, no clock."""
