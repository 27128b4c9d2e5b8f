"""What a text means to search: its terms, its language, its summary. Pure."""
